import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { LOSSLESS_H264, writeClip } from '../../../helpers/make-clips.ts'
import { MODERATOR, useDesk, watchedPost } from '../../../helpers/moderation-desk.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const DEADLOCK_LIMIT = { timeout: 60_000, interval: 10 }
const CODED_ANEW = ['-c:v', 'libx264', '-crf', '32', '-pix_fmt', 'yuv420p', '-threads', '1']
const SIZE_PIXELS = 64

/** A bright bar that wanders over a dark ground, two columns a picture. */
function wanderingBar(): Buffer[] {
  return Array.from({ length: 10 }, (_, picture) => {
    const isBright = (column: number) => column >= 4 + 2 * picture && column < 16 + 2 * picture
    const row = Array.from({ length: SIZE_PIXELS }, (_, column) => (isBright(column) ? 220 : 30))
    return Buffer.from(Array.from({ length: SIZE_PIXELS }, () => row.flatMap((grey) => [grey, grey, grey])).flat())
  })
}

it('tells a clip that was coded anew no more once people have dismissed it, also where nobody decided about the clip before', async () => {
  // The first clip is looked at and not told, so that nobody ever decides about it.
  const rules = 'rules:\n  - { name: knives, lookFor: [a knife], exclude: { users: ["pager:55"] } }\n'
  const moderation = useDesk({ rules })
  moderation.engine.sureOf = () => 0.9
  const { desk, store } = await moderation.open()
  const folder = temporaryFolder()
  const shape = { width: SIZE_PIXELS, height: SIZE_PIXELS, pictures: wanderingBar() }
  const first = writeClip({ ...shape, path: join(folder, 'first.mp4'), options: LOSSLESS_H264 })
  const again = writeClip({ ...shape, path: join(folder, 'again.mp4'), options: CODED_ANEW })
  const alertsAfter = async (clipId: number) => {
    await vi.waitFor(async () => expect((await store.clip(clipId))?.outcome?.kind).toBe('looked'), DEADLOCK_LIMIT)
    await vi.waitFor(async () => expect(await store.unsentAlerts()).toEqual([]), DEADLOCK_LIMIT)
    return store.alertsOf([clipId])
  }

  await desk.take(watchedPost('10', [first], { authorId: 'pager:55' }))
  expect(await alertsAfter(1)).toEqual([])
  await desk.take(watchedPost('11', [again]))
  const [alert, ...others] = await alertsAfter(2)
  expect(others).toEqual([])
  expect(alert!.clip.outcome).toMatchObject({ sameAs: 1 })
  await desk.press({ ...MODERATOR, alertId: alert!.id, verb: 'dismiss' })
  await desk.take(watchedPost('12', [again]))
  expect(await alertsAfter(3)).toEqual([])
  expect((await store.clip(3))!.outcome).toMatchObject({ sameAs: 1 })
})
