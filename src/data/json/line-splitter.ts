// Cuts a file into lines while it is read.
import { type ItemBytes, MAX_ITEM_BYTES } from './list-splitter.ts'

const LINE_FEED = 0x0a

/** A file of lines that is fed in pieces. */
export class LineSplitter {
  #held: Uint8Array[] = []
  #heldBytes = 0

  /** The last line, which may lack a line break. Empty when the file ended with one. */
  end(): ItemBytes {
    return this.#line(new Uint8Array())
  }

  /** Takes the next bytes and gives the lines that end in them, without their line break. */
  *push(chunk: Uint8Array): Generator<ItemBytes> {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start)
      if (end === -1) break
      yield this.#line(chunk.subarray(start, end))
      start = end + 1
    }
    this.#heldBytes += chunk.length - start
    if (this.#heldBytes > MAX_ITEM_BYTES) this.#held = []
    else if (start < chunk.length) this.#held.push(chunk.slice(start))
  }

  #line(last: Uint8Array): ItemBytes {
    const isTooLong = this.#heldBytes + last.length > MAX_ITEM_BYTES
    const bytes = this.#held.length === 0 ? last : Buffer.concat([...this.#held, last])
    this.#held = []
    this.#heldBytes = 0
    return isTooLong ? null : bytes
  }
}
