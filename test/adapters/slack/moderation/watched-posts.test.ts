// How a clip comes into a watched channel besides being posted there.
import { beforeEach, expect, it } from 'vitest'
import type { ClipRecord } from '../../../../src/moderation/watch/store.ts'
import { LIMIT, newClip, useModeratedValley } from './moderated-valley.ts'

const valley = useModeratedValley()
/** Nothing is told, unless a test says so. */
beforeEach(() => {
  valley.engine.sureOf = () => 0.1
})

/** All that was taken. */
function records(): Promise<ClipRecord[]> {
  const { slack, mods, desk } = valley
  return desk.store.clipsReported(`slack:${slack.team.id}:${mods.id}`, {
    startMs: 0,
    endMs: Number.MAX_SAFE_INTEGER,
  })
}

/** Names of the clips that were taken, in order, once all are looked at. */
async function taken(count: number): Promise<(string | undefined)[]> {
  await expect.poll(async () => (await records()).filter(({ outcome }) => outcome !== null), LIMIT).toHaveLength(count)
  return (await records()).map(({ clip }) => clip.name)
}

it('a clip that an edit adds is looked at, and one that was there before is not looked at again', async () => {
  await valley.start()
  const post = valley.ann.posts(valley.videos, 'look', { files: [newClip('first.mp4')] })
  expect(await taken(1)).toEqual(['first.mp4'])
  valley.ann.edits(post, 'look again', { files: [newClip('second.mp4')] })
  expect(await taken(2)).toEqual(['first.mp4', 'second.mp4'])
  valley.ann.edits(post, 'and again')
  valley.ann.posts(valley.videos, 'look', { files: [newClip('third.mp4')] })
  expect(await taken(3)).toEqual(['first.mp4', 'second.mp4', 'third.mp4'])
})

it('a clip that an edit adds counts to the day of the edit', async () => {
  await valley.start()
  const post = valley.ann.posts(valley.videos, 'look', { files: [newClip('first.mp4')] })
  await taken(1)
  valley.ann.edits(post, 'look again', { files: [newClip('second.mp4')] })
  await taken(2)
  const edited = valley.slack.messagesIn(valley.videos).find(({ ts }) => ts === post.ts)!.editedTs!
  const [first, second] = await records()
  expect(first!.post.postedAtMs).toBe(Math.floor(Number(post.ts) * 1000))
  expect(second!.post.postedAtMs).toBe(Math.floor(Number(edited) * 1000))
})

it('a clip of a message that somebody forwards is looked at where it is forwarded to', async () => {
  valley.engine.sureOf = () => 0.93
  await valley.start()
  const post = valley.mara.posts(valley.mods, 'not watched', { files: [newClip()] })
  const forwarded = valley.ann.forwards(post, valley.videos, 'look at this')
  const told = await valley.alert()
  expect(told.text).toContain('Author: ann')
  expect(told.text).toContain(`p${forwarded.ts.replace('.', '')}`)
})

it('a clip is looked at that stands in a forward without words, and in a reply only since an edit', async () => {
  await valley.start()
  const post = valley.mara.posts(valley.mods, 'not watched', { files: [newClip('forwarded.mp4')] })
  valley.ann.forwards(post, valley.videos)
  await taken(1)
  const reply = valley.ann.posts(valley.videos, 'a reply', { thread: valley.ann.posts(valley.videos, 'only words') })
  valley.ann.edits(reply, 'a clip', { files: [newClip('reply.mp4')] })
  expect(await taken(2)).toEqual(['forwarded.mp4', 'reply.mp4'])
})

it('what Slack shows of a linked message, to those only who may read it, is not looked at', async () => {
  await valley.start()
  const linked = valley.mara.posts(valley.mods, 'not watched', { files: [newClip('linked.mp4')] })
  valley.slack.team.unfoldsLink(valley.ann.posts(valley.videos, 'see the link'), linked)
  valley.ann.posts(valley.videos, 'look', { files: [newClip('posted.mp4')] })
  expect(await taken(1)).toEqual(['posted.mp4'])
})

it('a watched channel that Valley was removed from, or that is archived, is a line of the log and of the status', async () => {
  const hidden = valley.slack.team.addChannel('hidden', { isPrivate: true })
  const old = valley.slack.team.addChannel('old')
  await valley.start()
  for (const { id, name } of [hidden, old]) valley.types(valley.mara, `watch <#${id}|${name}>`)
  const seen = () => valley.seenBy(valley.mara)
  await valley.slack.waitUntil('both to be watched', () => seen().length === 2 || undefined)
  const status = async () => {
    const before = seen().length
    valley.types(valley.mara, 'status')
    return await valley.slack.waitUntil('the status', () => seen()[before]?.split(' [{')[0])
  }
  expect(await status()).not.toContain('cannot read')
  valley.slack.team.removesBotFrom(valley.videos)
  valley.slack.team.removesBotFrom(hidden)
  valley.slack.team.archivesChannel(old)
  const unread = [valley.videos.id, hidden.id, old.id]
  const told = () => valley.logged('a watched channel cannot be read').map(({ channel }) => channel)
  await expect.poll(() => told().length, LIMIT).toBe(3)
  const { id: team } = valley.slack.team
  // The settings name the first without its workspace.
  expect(told().sort()).toEqual(
    [`slack:${valley.videos.id}`, ...[hidden, old].map(({ id }) => `slack:${team}:${id}`)].sort(),
  )
  const inStatus = /^• (\S+), reports to \S+, but I cannot read it, so nothing there is looked at$/gm
  const inAnswer = [...(await status()).matchAll(inStatus)].map(([, channel]) => channel)
  expect(inAnswer.sort()).toEqual(unread.sort())
})

it('a watched channel that is deleted is a line of the log where the settings name it', async () => {
  await valley.start()
  valley.slack.team.deletesChannel(valley.videos)
  await expect.poll(() => valley.logged('a watched channel cannot be read').length, LIMIT).toBe(1)
})
