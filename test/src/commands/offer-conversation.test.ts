import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { askForClip } from '../../../src/commands/offer-conversation.ts'

/** What a person sees who types this, and the clip that was understood. */
async function offer(typed: string, isTTY: boolean): Promise<{ clip: string | null; shown: string }> {
  const input = Object.assign(new PassThrough(), { isTTY })
  const output = Object.assign(new PassThrough(), { isTTY })
  let shown = ''
  output.on('data', (chunk) => {
    shown += String(chunk)
  })
  input.end(typed)
  return { clip: await askForClip({ input, output }), shown }
}

describe('npm start with nothing configured', () => {
  it('says what to do next, and asks nothing where nobody sits', async () => {
    const { clip, shown } = await offer('clip.mp4\n', false)
    expect(clip).toBeNull()
    for (const part of ['chat clip.mp4', 'discord invite', 'slack manifest', 'config example', 'doctor', 'README.md']) {
      expect(shown).toContain(part)
    }
    expect(shown).not.toContain('Talk here now?')
  })

  it('offers a person at a terminal to talk right there', async () => {
    expect(await offer('  holiday.mp4 \n', true)).toMatchObject({
      clip: 'holiday.mp4',
      shown: expect.stringContaining('Talk here now?'),
    })
    // As a terminal writes the path of a file that is dropped on it.
    expect((await offer("'/my films/a b.mp4'\n", true)).clip).toBe('/my films/a b.mp4')
  })

  it.each(['\n', ''])('lets who types %j leave', async (typed) => {
    expect((await offer(typed, true)).clip).toBeNull()
  })
})
