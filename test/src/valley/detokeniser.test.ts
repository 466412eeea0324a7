import { describe, expect, it } from 'vitest'
import { StreamingDetokeniser } from '../../../src/valley/detokeniser.ts'

/** A vocabulary of single bytes, as the worst case of byte-level BPE; id = byte. */
const decodeBytes = (ids: readonly number[]) =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(ids))

function pieces(bytes: readonly number[]): string[] {
  const detokeniser = new StreamingDetokeniser(decodeBytes)
  return bytes.map((byte) => detokeniser.push(byte))
}

describe('StreamingDetokeniser', () => {
  it('shows plain text token by token', () => {
    expect(pieces([...Buffer.from('fox')])).toEqual(['f', 'o', 'x'])
  })

  it.each(['é', '狐', '🦊', '👩‍🚀'])('shows %s only when its last byte is there', (text) => {
    const shown = pieces([...Buffer.from(`a${text}b`)])
    expect(shown.join('')).toBe(`a${text}b`)
    expect(shown.join('|')).not.toContain('\uFFFD')
  })

  it('shows nothing of a character that never ends', () => {
    expect(pieces([...Buffer.from('a🦊').subarray(0, 4)]).join('')).toBe('a')
  })

  it('goes on after bytes that are no character', () => {
    expect(pieces([0x61, 0xff, 0xff, 0x62, 0x63]).join('')).toBe('a\uFFFD\uFFFDbc')
  })

  it('shows the whole of a character and holds the half of the next in one token', () => {
    const table = ['a', 'é'].flatMap((text) => [...Buffer.from(text)])
    const tokens: readonly (readonly number[])[] = [table.slice(0, 2), table.slice(2), [0x21]] // a + half, half, !
    const decode = (ids: readonly number[]) => decodeBytes(ids.flatMap((id) => tokens[id]!))
    const detokeniser = new StreamingDetokeniser(decode)
    expect([0, 1, 2].map((id) => detokeniser.push(id))).toEqual(['a', 'é', '!'])
  })

  it('keeps the space that a decoder leaves out at the beginning only', () => {
    const words = ['▁a', '▁red', '▁fox', 'es']
    const decode = (ids: readonly number[]) =>
      ids
        .map((id) => words[id])
        .join('')
        .replaceAll('▁', ' ')
        .replace(/^ /, '')
    const detokeniser = new StreamingDetokeniser(decode)
    expect([0, 1, 2, 3].map((id) => detokeniser.push(id)).join('')).toBe('a red foxes')
  })

  it('bears ids without a text', () => {
    const decode = (ids: readonly number[]) => decodeBytes(ids.filter((id) => id < 256))
    const detokeniser = new StreamingDetokeniser(decode)
    expect([97, 999, 98].map((id) => detokeniser.push(id))).toEqual(['a', '', 'b'])
  })
})
