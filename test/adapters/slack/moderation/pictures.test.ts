// Pictures below alerts: shown as they are once, and gone with the verdict, whatever became of them meanwhile.
import { expect, it } from 'vitest'
import { apiError } from '../../../doubles/slack/web-api/faults.ts'
import type { Message } from '../../../doubles/slack/world/message.ts'
import { newClip, useModeratedValley } from './moderated-valley.ts'

const valley = useModeratedValley()
const REVEAL = 'valley_moderate_reveal'

/** An alert with its blurred picture. */
async function openAlert(): Promise<{ readonly post: Message; readonly told: Message }> {
  await valley.start()
  const post = valley.ann.posts(valley.videos, 'look', { files: [newClip()] })
  const told = await valley.alert()
  await valley.allDone()
  expect(valley.pictures()).toHaveLength(1)
  return { post, told }
}

const countOf = (count: number) =>
  valley.slack.waitUntil(`${count} pictures`, () => valley.pictures().length === count || undefined)
const says = (words: string) =>
  valley.slack.waitUntil(words, () => valley.seenBy(valley.mara).some((seen) => seen.includes(words)) || undefined)

it('pressed again and again, "Show the picture" shows it once and says where it is', async () => {
  const { told } = await openAlert()
  for (let press = 0; press < 3; press += 1) valley.mara.presses(told, REVEAL)
  await valley.slack.waitUntil('two answers', () => valley.seenBy(valley.mara).length === 2 || undefined)
  await says('The picture is shown already, in the thread below the alert.')
  expect(valley.pictures()).toHaveLength(2)
  valley.pictures()[1]!.isDeleted = true
  valley.mara.presses(told, REVEAL)
  await countOf(2)
  expect(valley.seenBy(valley.mara), 'somebody had deleted it').toHaveLength(2)
})

it('another process, or one after a restart, finds the picture that was shown', async () => {
  const { told } = await openAlert()
  valley.mara.presses(told, REVEAL)
  await countOf(2)
  // What only this process knows of it is of no use now.
  valley.slack.plan('files.info', apiError('file_not_found'))
  valley.mara.presses(told, REVEAL)
  await says('The picture is shown already')
  expect(valley.pictures()).toHaveLength(2)
})

it('whoever wants to see a picture that Slack does not take now is told so', async () => {
  const { told } = await openAlert()
  valley.slack.plan('files.getUploadURLExternal', apiError('internal_error'))
  valley.mara.presses(told, REVEAL)
  await says('The platform did not do it.')
  valley.mara.presses(told, REVEAL)
  await countOf(2)
})

it('a picture that somebody deleted by hand does not keep the others there after the verdict', async () => {
  const { told } = await openAlert()
  valley.mara.presses(told, REVEAL)
  await countOf(2)
  const [blurred] = valley.pictures()
  valley.slack.plan('files.delete', apiError('file_deleted'), { when: ({ file }) => file === blurred!.id })
  blurred!.isDeleted = true
  valley.mara.presses(told, 'valley_moderate_confirm')
  await countOf(0)
  await expect.poll(() => valley.desk.store.closings()).toEqual([])
  expect(told.text).toContain('Confirmed by mara')
})

it('a picture that goes while pictures are deleted is passed over, and one that stays for now is tried again', async () => {
  const { told } = await openAlert()
  valley.mara.presses(told, REVEAL)
  await countOf(2)
  const [blurred, shown] = valley.pictures()
  valley.slack.plan('files.delete', apiError('file_not_found'), { when: ({ file }) => file === blurred!.id })
  valley.slack.plan('files.delete', apiError('internal_error'), { when: ({ file }) => file === shown!.id })
  valley.mara.presses(told, 'valley_moderate_confirm')
  await valley.slack.waitUntil('the verdict', () => told.text.includes('Confirmed by mara') || undefined)
  await says('Done.')
  expect(await valley.desk.store.closings(), 'waits for the next try').toHaveLength(1)
})

it('a picture that is on its way to be shown while somebody decides goes with the verdict', async () => {
  const { told } = await openAlert()
  const held = valley.slack.hold('files.getUploadURLExternal')
  valley.mara.presses(told, REVEAL)
  await held.reached
  valley.mara.presses(told, 'valley_moderate_confirm')
  await valley.slack.waitUntil('the verdict', () => told.text.includes('Confirmed by mara') || undefined)
  held.release()
  await says('Done.')
  expect(valley.slack.requests('files.completeUploadExternal')).toHaveLength(2)
  expect(valley.pictures()).toEqual([])
})

it.each(['dismiss', 'confirm'])(
  'a picture that one bot is about to show goes when another bot has %sed the alert meanwhile',
  async (verb) => {
    const { told } = await openAlert()
    await valley.start({ databaseFile: valley.desk.databaseFile })
    const [first, second] = valley.slack.connections
    const held = valley.slack.hold('files.getUploadURLExternal')
    valley.slack.deliverOver(first!)
    valley.mara.presses(told, REVEAL)
    await held.reached
    valley.slack.deliverOver(second!)
    valley.mara.presses(told, `valley_moderate_${verb}`)
    await says('Done.')
    expect(valley.pictures(), 'the blurred one went with the verdict').toEqual([])
    held.release()
    await says('The picture is not kept any more.')
    expect(valley.slack.requests('files.completeUploadExternal')).toHaveLength(2)
    expect(valley.pictures()).toEqual([])
  },
)

it('pictures go too where somebody deleted the alert itself', async () => {
  const { post, told } = await openAlert()
  valley.mara.deletes(told)
  valley.ann.deletes(post)
  await countOf(0)
})

it('an alert that a crash left without its picture, or without the rest of its text, gets it when it is told again', async () => {
  const { adapter } = await valley.start()
  const [png, blurredPng] = [Buffer.from('a picture'), Buffer.from('blurred')]
  const lines = Array.from({ length: 100 }, (_, index) => [`line ${index} ${'x'.repeat(50)}`])
  const notice = {
    lines,
    picture: { png, blurredPng, description: 'Frames' },
    restAttached: '…',
    restName: 'alert.txt',
  }
  const tell = () => adapter.moderated.post(`slack:${valley.mods.id}`, notice, 'alert-1-10')
  // As if the process had ended after the post, and the next one after the picture.
  valley.slack.plan('files.getUploadURLExternal', apiError('internal_error'), { times: 2 })
  const { reference } = (await tell()) as { readonly reference: string }
  expect(valley.pictures()).toEqual([])
  valley.slack.plan('files.getUploadURLExternal', apiError('internal_error'), {
    when: ({ filename }) => filename === 'alert.txt',
  })
  for (let again = 0; again < 3; again += 1) expect(await tell()).toEqual({ kind: 'posted', reference })
  expect(valley.pictures().map(({ name, bytes }) => [name, bytes.toString().slice(0, 7)])).toEqual([
    ['frames.png', 'blurred'],
    ['alert.txt', 'line 0 '],
  ])
  const { threadTs } = valley.slack.messagesIn(valley.mods).at(-1)!
  expect(threadTs).toBe(reference)
})
