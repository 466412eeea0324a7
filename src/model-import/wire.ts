// Protocol buffers at the level of their fields. A foreign .onnx file is taken apart only as far as it must be changed; every
// field that nobody looks at passes through as the bytes that it is.

/** One field of a message. */
export interface WireField {
  readonly number: number
  /** 0 a number, 1 eight bytes, 2 bytes with their length (text, messages, packed lists), 5 four bytes. */
  readonly type: number
  /** Of type 0; exact up to 2^53. Otherwise 0. */
  readonly value: number
  /** The content of type 2; empty otherwise. A view. */
  readonly bytes: Uint8Array
  /** The whole field with its number. A view. */
  readonly raw: Uint8Array
}

/** Raised for bytes that are no message. */
export class WireError extends Error {
  override readonly name = 'WireError'
}

/** The fields of a message, in order. @throws WireError */
export function* readFields(message: Uint8Array): Generator<WireField> {
  let position = 0
  const varint = (): number => {
    let value = 0
    // A number of 64 bits takes up to ten bytes; what is beyond 2^53 is not looked at by anybody here.
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = message[position]
      if (byte === undefined) throw new WireError('a message ends within a number')
      position += 1
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new WireError('a number has more than ten bytes')
  }
  const skip = (count: number): void => {
    if (count > message.length - position) throw new WireError('a field is longer than its message')
    position += count
  }
  while (position < message.length) {
    const start = position
    const tag = varint()
    const type = tag % 8
    let value = 0
    let content = position
    if (type === 0) value = varint()
    else if (type === 1) skip(8)
    else if (type === 5) skip(4)
    else if (type === 2) {
      const length = varint()
      content = position
      skip(length)
    } else throw new WireError(`a field is of the type ${type}`)
    const bytes = message.subarray(type === 2 ? content : position, position)
    yield { number: Math.floor(tag / 8), type, value, bytes, raw: message.subarray(start, position) }
  }
}

/** A field with bytes: text, a message, a packed list. */
export function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return joinBytes([varintBytes(number * 8 + 2), varintBytes(bytes.length), bytes])
}

/** A field with text. */
export function textField(number: number, text: string): Uint8Array {
  return bytesField(number, new TextEncoder().encode(text))
}

/** A field with a whole number, zero or more. */
export function numberField(number: number, value: number): Uint8Array {
  return joinBytes([varintBytes(number * 8), varintBytes(value)])
}

/** Text of a field. */
export function textOf({ bytes }: WireField): string {
  return new TextDecoder().decode(bytes)
}

/** All pieces, one after the other. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let position = 0
  for (const piece of pieces) {
    joined.set(piece, position)
    position += piece.length
  }
  return joined
}

function varintBytes(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low + 128 : low)
  } while (rest > 0)
  return Uint8Array.from(bytes)
}
