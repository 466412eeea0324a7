// Words of a conversation must stay words. A text that the tokenizer or the template gives a meaning (a special token, a
// placeholder, a role separator) is broken up by a space after its first visible character before it enters the prompt.

/**
 * Breaks up every reserved text in what somebody wrote; other text stays as it is.
 * @param words what a person or the model wrote
 * @param reserved special tokens' texts and the template's separators
 * @returns text that contains none of the reserved texts
 */
export function breakReservedTexts(words: string, reserved: readonly string[]): string {
  const marks = reserved.filter((mark) => mark.trim() !== '')
  let text = words
  // Breaking one text can leave another behind (`####` becomes `# ###`), so this goes on until none is left. Every round
  // parts characters that stood together, so it ends.
  while (marks.some((mark) => text.includes(mark))) {
    for (const mark of marks) text = text.replaceAll(mark, broken(mark))
  }
  return text
}

function broken(mark: string): string {
  const start = mark.length - mark.trimStart().length // a space after white space would leave the mark whole
  const [first = '', ...rest] = mark.slice(start)
  return mark.slice(0, start) + (rest.length === 0 ? '' : `${first} ${rest.join('')}`)
}
