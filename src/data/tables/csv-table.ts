// Rows of a CSV or TSV file while it streams: RFC 4180, with quoted cells that may hold separators, line breaks and doubled
// quotes. The first line names the columns.
import { type Found, readChunks } from '../json/json-items.ts'
import { problemAt } from '../left-out.ts'
import type { RawRow } from './clip-row.ts'

/** A cell is as long as a record at most. */
const MAX_CELL_LENGTH = 16 * 1024 * 1024
const BROKEN_UTF8 = '\ufffd'

/** Reads the rows of a file of cells. @param separator between cells, of one sign */
export async function* readCsvTable(file: string, separator: string): AsyncGenerator<Found<RawRow>> {
  const cells = new CellReader(separator)
  let names: readonly string[] | null = null
  let number = 0
  const toRow = (line: readonly string[]): Found<RawRow> | null => {
    number += 1
    if (line.length === 1 && line[0] === '') return null
    if (names === null) {
      names = line.map((name) => name.trim())
      return null
    }
    if (line.length !== names.length) return { problem: problemAt(file, number, 'wrong-columns', line.join(separator)) }
    const broken = line.find((cell) => cell.includes(BROKEN_UTF8))
    if (broken !== undefined) return { problem: problemAt(file, number, 'not-utf8', broken) }
    return { item: { row: number, values: Object.fromEntries(names.map((name, column) => [name, line[column]!])) } }
  }
  // Not fatal: one wrong byte must not cost the rows around it. What it became is found again in the cell.
  const decoder = new TextDecoder('utf-8')
  for await (const chunk of readChunks(file)) {
    for (const line of cells.push(decoder.decode(chunk, { stream: true }))) {
      const one = toRow(line)
      if (one !== null) yield one
    }
  }
  for (const line of [...cells.push(decoder.decode()), ...cells.end()]) {
    const one = toRow(line)
    if (one !== null) yield one
  }
  if (cells.isInQuotes) yield { problem: problemAt(file, number + 1, 'cut-off', 'a quote that is not closed') }
}

/** Text in pieces becomes lines of cells. */
class CellReader {
  readonly #separator: string
  #line: string[] = []
  #cell = ''
  #inQuotes = false
  /** A quote within quotes: the end of the cell, or the first of two. */
  #quoteWaits = false

  constructor(separator: string) {
    this.#separator = separator
  }

  get isInQuotes(): boolean {
    return this.#inQuotes && !this.#quoteWaits
  }

  *push(text: string): Generator<string[]> {
    let start = 0
    const take = (end: number) => {
      if (this.#cell.length < MAX_CELL_LENGTH) this.#cell += text.slice(start, end)
    }
    for (let at = 0; at < text.length; at++) {
      const sign = text[at]!
      if (this.#inQuotes) {
        if (this.#quoteWaits) {
          this.#quoteWaits = false
          if (sign === '"') {
            // The second of two stands for one; it is taken with what follows.
            start = at
            continue
          }
          this.#inQuotes = false
          start = at
        } else if (sign === '"') {
          take(at)
          start = at + 1
          this.#quoteWaits = true
          continue
        } else continue
      }
      if (sign === '"' && this.#cell === '' && start === at) {
        this.#inQuotes = true
        start = at + 1
      } else if (sign === this.#separator) {
        take(at)
        start = at + 1
        this.#endCell()
      } else if (sign === '\n') {
        take(at)
        start = at + 1
        yield this.#endLine()
      }
    }
    take(text.length)
  }

  *end(): Generator<string[]> {
    if (!this.isInQuotes && (this.#cell !== '' || this.#line.length > 0)) yield this.#endLine()
  }

  #endCell(): void {
    this.#line.push(this.#cell)
    this.#cell = ''
  }

  #endLine(): string[] {
    if (this.#cell.endsWith('\r')) this.#cell = this.#cell.slice(0, -1)
    this.#endCell()
    const line = this.#line
    this.#line = []
    return line
  }
}
