// Small damage to a file, the same for the same seed.

/** Mulberry32: numbers in [0, 1) from a seed; enough to choose bytes, and repeatable. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Numbers at which lengths and counts are compared, shifted and overflow. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]
const MOST_CHANGES = 8

/** A damaged copy: bits, bytes, lengths, pieces that are missing, twice there, or in another place. */
export function mutate(file: Buffer, random: () => number): Buffer {
  let bytes = Buffer.from(file)
  const place = (room = 1) => Math.floor(random() * Math.max(1, bytes.length - room))
  const changes = 1 + Math.floor(random() * MOST_CHANGES)
  for (let change = 0; change < changes; change++) {
    const at = place(4)
    const end = Math.min(bytes.length, at + 1 + Math.floor(random() * 256))
    const kind = Math.floor(random() * 6)
    if (bytes.length < 8) break
    if (kind === 0) bytes[at]! ^= 1 << Math.floor(random() * 8)
    else if (kind === 1) bytes[at] = Math.floor(random() * 256)
    else if (kind === 2) bytes.writeUInt32BE(EDGES[Math.floor(random() * EDGES.length)]!, at)
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)])
    else bytes.copy(bytes, place(256), at, end)
  }
  return bytes
}
