// What many clips show, as groups under the words that their descriptions share. Counting, no model: a group can be checked
// by reading the descriptions in it.

/** Clips that share a word. */
export interface Theme {
  readonly word: string
  /** Places in the list of descriptions, ascending. */
  readonly members: readonly number[]
}

/** What the clips show. */
export interface Themes {
  /** The largest first. */
  readonly themes: readonly Theme[]
  /** Places of those that share no word with another. */
  readonly others: readonly number[]
}

const LEAST_MEMBERS = 2
const WORD = /\p{L}{3,}/gu

/** Words that stand in every description, whatever the clip shows. */
const EMPTY_WORDS: ReadonlySet<string> = new Set(
  (
    'the and are was were has have had its their there this that these those with without from into onto over under ' +
    'above below behind between beside near then than while when where which who what for not but you can see seen ' +
    'shows shown show showing one two three four five six seven eight nine ten first second last left right top bottom ' +
    'middle centre center side front back moves move moving stays stay clip video frame frames image picture scene ' +
    'background also some other another only very two both each all out off down goes come comes appears appear'
  ).split(' '),
)

/**
 * Groups clips: the word that most of the ungrouped share makes the next group.
 * @param most groups at most; the rest are others
 */
export function themesOf(descriptions: readonly string[], most: number): Themes {
  const words = descriptions.map((text) => new Set(contentWords(text)))
  const left = new Set(words.keys())
  const themes: Theme[] = []
  while (themes.length < most) {
    const next = largestGroup(words, left)
    if (next === null) break
    themes.push(next)
    for (const member of next.members) left.delete(member)
  }
  return { themes, others: [...left] }
}

function largestGroup(words: readonly ReadonlySet<string>[], left: ReadonlySet<number>): Theme | null {
  const groups = new Map<string, number[]>()
  for (const index of left) {
    for (const word of words[index]!) groups.set(word, [...(groups.get(word) ?? []), index])
  }
  let best: Theme | null = null
  for (const [word, members] of groups) {
    if (members.length < LEAST_MEMBERS) continue
    // Of words that as many clips share the first in the alphabet, so that the same clips always give the same digest.
    if (
      best === null ||
      members.length > best.members.length ||
      (members.length === best.members.length && word < best.word)
    )
      best = { word, members }
  }
  return best
}

function contentWords(text: string): string[] {
  return [...text.toLowerCase().matchAll(WORD)].map(([word]) => word).filter((word) => !EMPTY_WORDS.has(word))
}
