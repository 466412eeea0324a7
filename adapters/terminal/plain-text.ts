// What the model and file names say is data: on a terminal, control characters would move the cursor, change the title or
// worse, so none is let through but the line break and the tab.

/** C0 without tab and line feed, DEL, and C1. An escape sequence without its escape character is harmless text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const CONTROL_CHARACTERS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu

/** The text without control characters; works on any piece of a stream. */
export function plainText(text: string): string {
  return text.replace(CONTROL_CHARACTERS, '')
}

/** The same on one line, for messages that must stay on theirs. */
export function plainLine(text: string): string {
  return plainText(text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ').replace(/\t/g, ' '))
}
