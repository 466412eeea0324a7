// The items of a JSON file one after another: a list, or an object a line (JSONL). Which of the two it is shows at its first
// sign, not in its name: published lists come under both.
import { createReadStream } from 'node:fs'
import { TextDecoder } from 'node:util'
import { dataError, fileErrorText } from '../data-error.ts'
import { type Problem, problemAt } from '../left-out.ts'
import { LineSplitter } from './line-splitter.ts'
import { type ItemBytes, isBlank, ListSplitter } from './list-splitter.ts'

/** An item that could be read. */
export interface JsonItem {
  readonly row: number
  readonly value: unknown
}

/** Whatever a reader gives: something to go on with, or why it was left out. */
export type Found<Item> = { readonly item: Item } | { readonly problem: Problem }

/** Large enough that the pieces do not show in the time, small enough to show nowhere in the memory. */
const CHUNK_BYTES = 1024 * 1024
const UTF8_MARK = [0xef, 0xbb, 0xbf]
const OPEN_BRACKET = 0x5b

/**
 * Reads the items of a file while it streams.
 * @throws AppError DATASET_INVALID when the file cannot be read at all
 */
export async function* readJsonItems(file: string): AsyncGenerator<Found<JsonItem>> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let splitter: ListSplitter | LineSplitter | null = null
  let row = 0
  const found = (bytes: ItemBytes): Found<JsonItem> | null => {
    row += 1
    if (bytes === null) return { problem: problemAt(file, row, 'too-long', 'more than 16 MiB') }
    return isBlank(bytes) ? null : parseItem(bytes, file, row, decoder)
  }
  for await (const chunk of readChunks(file)) {
    if (splitter === null) {
      if (isBlank(chunk)) continue
      splitter =
        chunk.find((byte) => !isBlank(Uint8Array.of(byte))) === OPEN_BRACKET ? new ListSplitter() : new LineSplitter()
    }
    for (const bytes of splitter.push(chunk)) {
      const one = found(bytes)
      if (one !== null) yield one
    }
    if (splitter instanceof ListSplitter && splitter.isEnded) return
  }
  if (splitter instanceof LineSplitter) {
    const one = found(splitter.end())
    if (one !== null) yield one
  } else if (splitter !== null) {
    yield { problem: problemAt(file, row + 1, 'cut-off', Buffer.from(splitter.rest).toString('utf8')) }
  }
}

/**
 * Pieces of a file, without the mark of UTF-8 that some programs put at its head.
 * @throws AppError DATASET_INVALID when it cannot be read
 */
export async function* readChunks(file: string): AsyncGenerator<Uint8Array> {
  let isFirst = true
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Uint8Array>) {
      const hasMark = isFirst && UTF8_MARK.every((byte, at) => chunk[at] === byte)
      isFirst = false
      yield hasMark ? chunk.subarray(UTF8_MARK.length) : chunk
    }
  } catch (cause) {
    const message = `${file} cannot be read (${fileErrorText(cause)}); a file is needed. Correct its name or its permissions.`
    throw dataError(message, cause)
  }
}

function parseItem(bytes: Uint8Array, file: string, row: number, decoder: TextDecoder): Found<JsonItem> {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    return { problem: problemAt(file, row, 'not-utf8', Buffer.from(bytes).toString('latin1')) }
  }
  try {
    return { item: { row, value: JSON.parse(text) } }
  } catch {
    // JSON knows no raw NUL, and what wrote it is worth naming.
    return { problem: problemAt(file, row, text.includes('\0') ? 'nul-byte' : 'not-json', text) }
  }
}
