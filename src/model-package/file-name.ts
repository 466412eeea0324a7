// Names in a manifest come from outside: each must stay inside its package's folder.

/**
 * Tells whether a file name of a manifest stays inside the package: relative, forward slashes, no `..`, no empty part,
 * no drive letter and no control character.
 */
export function isSafeFileName(name: string): boolean {
  if (name.length === 0 || name.length > 255) return false
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  if (/[\u0000-\u001f\\:]/.test(name)) return false
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
}
