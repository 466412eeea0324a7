import { expect, it } from 'vitest'
import { localClip, locateByPlatform, locateLocalClip } from '../../../src/conversation/locate-clip.ts'

const { signal } = new AbortController()

it('finds a clip of this machine at its path', async () => {
  expect(await locateLocalClip(localClip('/clips/ball.mp4'), signal)).toEqual({ kind: 'file', path: '/clips/ball.mp4' })
})

it('refuses a path that means something else elsewhere', () => {
  expect(() => localClip('ball.mp4')).toThrow('absolute path')
})

it('asks the adapter that brought the clip, and no other', async () => {
  const located: string[] = []
  const adapter = (platform: string) => ({
    platform,
    locateClip: async ({ handle }: { handle: string }) => {
      located.push(`${platform} ${handle}`)
      return { kind: 'file', path: handle } as const
    },
  })
  const locate = locateByPlatform([adapter('one'), adapter('two')])
  await locate({ platform: 'two', handle: '/x' }, signal)
  expect(located).toEqual(['two /x'])
  await expect(locate({ platform: 'three', handle: '/x' }, signal)).rejects.toMatchObject({
    code: 'CLIP_MISSING',
    details: { platform: 'three' },
  })
})
