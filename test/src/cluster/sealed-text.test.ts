import { describe, expect, it } from 'vitest'
import { Sealer } from '../../../src/cluster/sealed-text.ts'

const sealer = new Sealer('a long random text that all of them share')

describe('a sealed text', () => {
  it('opens with the same secret and for the same purpose', () => {
    const sealed = sealer.seal('xoxb-token 中文', 'request-1')
    expect(new Sealer('a long random text that all of them share').open(sealed, 'request-1')).toBe('xoxb-token 中文')
  })

  it('shows nothing of what it holds, and looks different each time', () => {
    const [first, second] = [sealer.seal('xoxb-token', 'a'), sealer.seal('xoxb-token', 'a')]
    expect(first).not.toBe(second)
    expect(Buffer.from(first, 'base64').toString('latin1')).not.toContain('xoxb')
  })

  it('stays closed to another secret, another purpose and a changed byte', () => {
    const sealed = sealer.seal('xoxb-token', 'request-1')
    expect(new Sealer('another long random text of somebody').open(sealed, 'request-1')).toBeNull()
    expect(sealer.open(sealed, 'request-2')).toBeNull()
    const bytes = Buffer.from(sealed, 'base64')
    bytes[bytes.length - 1]! ^= 1
    expect(sealer.open(bytes.toString('base64'), 'request-1')).toBeNull()
    expect(sealer.open('', 'request-1')).toBeNull()
  })
})
