// One line of a terminal that says what is going on and is wiped before anything lasting is written.
import { plainLine } from './plain-text.ts'

/** A stream that may be a terminal, as process.stderr is. */
export interface StatusStream {
  readonly isTTY?: boolean
  /** 0 when the terminal does not tell. */
  readonly columns?: number
  write(text: string): unknown
}

const DEFAULT_COLUMNS = 80
/** Carriage return, then erase to the end of the line. */
const WIPE = '\r\u001b[K'

/** Shows progress on a terminal; on anything else it writes nothing. */
export class ProgressLine {
  readonly #stream: StatusStream
  #shown = ''

  constructor(stream: StatusStream) {
    this.#stream = stream
  }

  /** Replaces the line; text wider than the terminal is cut so that it stays one line. */
  show(text: string): void {
    if (this.#stream.isTTY !== true) return
    const line = plainLine(text).slice(0, (this.#stream.columns || DEFAULT_COLUMNS) - 1)
    if (line === this.#shown) return
    this.#stream.write(WIPE + line)
    this.#shown = line
  }

  /** Wipes the line. */
  clear(): void {
    if (this.#shown === '') return
    this.#stream.write(WIPE)
    this.#shown = ''
  }
}
