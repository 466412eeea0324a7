// Cuts a JSON list into the bytes of its items while it is read, so that a file of any size takes the memory of one item.
// Nothing is parsed here: brackets and quotes are followed, which is right for every byte of UTF-8.

/** No published record comes near; more is a broken file that would fill the memory. */
export const MAX_ITEM_BYTES = 16 * 1024 * 1024

/** Bytes of one item, or null for one that was longer than MAX_ITEM_BYTES. */
export type ItemBytes = Uint8Array | null

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COMMA] = [...'"\\{}[],'].map((sign) =>
  sign.charCodeAt(0),
) as [number, number, number, number, number, number, number]

/** A list that is fed in pieces. */
export class ListSplitter {
  #depth = 0
  #inString = false
  #escaped = false
  #held: Uint8Array[] = []
  #heldBytes = 0
  #isEnded = false

  /** True when the list was closed. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** What was held back when the file ended in the middle of an item. */
  get rest(): Uint8Array {
    return Buffer.concat(this.#held)
  }

  /** Takes the next bytes of the file and gives the items that end in them. */
  *push(chunk: Uint8Array): Generator<ItemBytes> {
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === BACKSLASH) this.#escaped = true
        else if (byte === QUOTE) this.#inString = false
        continue
      }
      if (byte === QUOTE) this.#inString = true
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.#depth += 1
        if (this.#depth === 1) start = at + 1
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#depth -= 1
        if (this.#depth === 0) {
          yield* this.#item(chunk.subarray(start, at))
          this.#isEnded = true
          return
        }
      } else if (byte === COMMA && this.#depth === 1) {
        yield* this.#item(chunk.subarray(start, at))
        start = at + 1
      }
    }
    if (this.#depth > 0) this.#hold(chunk.subarray(start))
  }

  #hold(piece: Uint8Array): void {
    this.#heldBytes += piece.length
    if (this.#heldBytes > MAX_ITEM_BYTES) this.#held = []
    // A copy: whoever reads the file may use the chunk's memory again.
    else this.#held.push(piece.slice())
  }

  *#item(last: Uint8Array): Generator<ItemBytes> {
    const isTooLong = this.#heldBytes + last.length > MAX_ITEM_BYTES
    const bytes = this.#held.length === 0 ? last : Buffer.concat([...this.#held, last])
    this.#held = []
    this.#heldBytes = 0
    if (isTooLong) yield null
    else if (!isBlank(bytes)) yield bytes
  }
}

/** True for nothing but white space, as between the brackets of an empty list. */
export function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d))
}
