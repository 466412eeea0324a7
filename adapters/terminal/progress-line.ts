// One line of a terminal that says what is going on and is wiped before anything lasting is written. In a log file, where
// nothing can be wiped, long work tells now and then how far it is.
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
/** Seldom enough that a night's log can be read, often enough to see that work goes on. */
const LOG_EVERY_MS = 30_000

/** Shows progress on a terminal; on anything else, a line of its own every half a minute. */
export class ProgressLine {
  readonly #stream: StatusStream
  #shown = ''
  #lastMs = performance.now()

  constructor(stream: StatusStream) {
    this.#stream = stream
  }

  /** Replaces the line; text wider than the terminal is cut so that it stays one line. */
  show(text: string): void {
    if (this.#stream.isTTY === true) this.#draw(text)
    else this.#log(text)
  }

  /** Wipes the line. */
  clear(): void {
    if (this.#shown === '') return
    this.#stream.write(WIPE)
    this.#shown = ''
  }

  #draw(text: string): void {
    const line = plainLine(text).slice(0, (this.#stream.columns || DEFAULT_COLUMNS) - 1)
    if (line === this.#shown) return
    this.#stream.write(WIPE + line)
    this.#shown = line
  }

  #log(text: string): void {
    if (performance.now() - this.#lastMs < LOG_EVERY_MS) return
    this.#lastMs = performance.now()
    this.#stream.write(`${plainLine(text)}\n`)
  }
}
