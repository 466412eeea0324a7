// A typed line becomes what the person wants: a question, or one of the commands that begin with a slash.

/** What a line asks for. */
export type TerminalLine =
  | { readonly type: 'nothing' }
  | { readonly type: 'question'; readonly text: string }
  | { readonly type: 'clip'; readonly path: string }
  | { readonly type: 'reset' }
  | { readonly type: 'forget' }
  | { readonly type: 'stats' }
  | { readonly type: 'help' }
  | { readonly type: 'quit' }
  | { readonly type: 'unknown'; readonly command: string }

/** The commands, for people. */
export const HELP = `Write a question about the clip and press Enter. Commands:
  /clip FILE  look at another clip (video, GIF or picture); the next questions are about it
  /reset      forget what was said; the clips stay
  /forget     forget what was said and the clips
  /stats      what the last answer cost, stage by stage
  /help       this list
  /quit       leave (also Ctrl-D)
Ctrl-C stops an answer; at the prompt, twice in a row, it leaves.
`

/** Reads one line. */
export function parseLine(line: string): TerminalLine {
  const text = line.trim()
  if (text === '') return { type: 'nothing' }
  const command = /^\/(\S*)\s*(.*)$/su.exec(text)
  if (command === null) return { type: 'question', text }
  const [, name = '', rest = ''] = command
  switch (name) {
    case 'clip':
      return { type: 'clip', path: unquote(rest) }
    case 'reset':
    case 'forget':
    case 'stats':
    case 'help':
    case 'quit':
      return { type: name }
    default:
      return { type: 'unknown', command: `/${name}` }
  }
}

/** Takes off the quotation marks that a terminal puts around a file dropped on it. */
function unquote(path: string): string {
  return /^(['"])(.*)\1$/su.exec(path)?.[2] ?? path
}
