// Pieces of containers, written by hand: boxes of MP4 and elements of Matroska.

/** A box of ISO 14496-12: size, four letters, content. */
export function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(body.length + 8)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, body])
}

/** An element of EBML (RFC 8794): id in hexadecimal, a length of eight bytes, content. */
export function element(id: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const length = Buffer.alloc(8)
  length.writeBigUInt64BE(BigInt(body.length))
  length[0] = 0x01
  return Buffer.concat([Buffer.from(id, 'hex'), length, body])
}

/** A whole number of four bytes, the greatest first. */
export function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Where the content of the first box of a type begins. @throws Error when there is none */
export function contentAt(file: Buffer, type: string): number {
  const at = file.indexOf(type, 0, 'latin1')
  if (at < 4) throw new Error(`There is no box ${type}`)
  return at + 4
}

/** The bytes of the first box of a type, head included. */
export function wholeBox(file: Buffer, type: string): Buffer {
  const at = contentAt(file, type) - 8
  return file.subarray(at, at + file.readUInt32BE(at))
}

/**
 * A copy with more content at the end of a box, for which it and the boxes around it grow.
 * @param types the box, and before it those around it
 */
export function withMore(file: Buffer, types: readonly string[], more: Buffer): Buffer {
  const heads = types.map((type) => contentAt(file, type) - 8)
  const last = heads.at(-1)!
  const end = last + file.readUInt32BE(last)
  const changed = Buffer.concat([file.subarray(0, end), more, file.subarray(end)])
  for (const head of heads) changed.writeUInt32BE(file.readUInt32BE(head) + more.length, head)
  return changed
}

/** A copy with a number of four bytes changed. @param offset from the beginning of the box's content */
export function withNumber(file: Buffer, type: string, offset: number, value: number): Buffer {
  const changed = Buffer.from(file)
  changed.writeUInt32BE(value, contentAt(changed, type) + offset)
  return changed
}
