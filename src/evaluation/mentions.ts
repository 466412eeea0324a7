// Which of some known words a text mentions.

/**
 * Finds names in a text as whole words, in any case, singular or plural. Where one name is part of another ("fire" and
 * "fire engine"), the longer one counts at its place.
 * @param names singular forms, lower case
 * @returns the names found, each once, in the order of their first mention
 */
export function findMentions(text: string, names: readonly string[]): string[] {
  const byForm = new Map(names.flatMap((name) => pluralForms(name).map((form) => [form, name] as const)))
  const longestFirst = [...byForm.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${longestFirst.map(literal).join('|')})(?![\\p{L}\\p{N}])`, 'gu')
  const found = Array.from(text.toLowerCase().matchAll(pattern), ([form]) => byForm.get(form)!)
  return [...new Set(found)]
}

/** The name itself and its regular plurals: cats, foxes, butterflies. */
function pluralForms(name: string): string[] {
  const forms = [name, `${name}s`, `${name}es`]
  return name.endsWith('y') ? [...forms, `${name.slice(0, -1)}ies`] : forms
}

/** The text as a pattern that matches just it. */
export function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
