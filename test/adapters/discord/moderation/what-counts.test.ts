// What of a watched channel is looked at: what moves, however Discord shows it, and no still picture.
import { type APIEmbed, type APIEmbedImage, EmbedMediaFlags, EmbedType } from 'discord.js'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ClipRecord } from '../../../../src/moderation/watch/store.ts'
import { FakeEngine } from '../../../helpers/fake-engine.ts'
import { SOON } from '../../../helpers/ledger-of-starts.ts'
import { clipOfOneSecond, type ModeratedDiscord, openModeratedDiscord } from '../../../helpers/moderated-discord.ts'

let valley: ModeratedDiscord

beforeEach(async () => {
  valley = await openModeratedDiscord({ engine: new FakeEngine() })
  await valley.watch(valley.stage.general)
})
afterEach(() => valley.stage.close())

/** What was taken to be looked at. */
function records(): Promise<ClipRecord[]> {
  const period = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER }
  return valley.desk().store.clipsReported(`discord:${valley.mods.id}`, period)
}

/** Its names. */
async function taken(): Promise<(string | undefined)[]> {
  return (await records()).map(({ clip }) => clip.name).sort()
}

/** Ana posts a link that Discord shows as this. */
const link = (embed: APIEmbed) => valley.stage.ana.posts(valley.stage.general, 'look', { embeds: [embed] })
const picture = (path: string, more: Partial<APIEmbedImage> = {}): APIEmbed => {
  const url = `${valley.stage.discord.rest.cdn}/${path}`
  return {
    type: EmbedType.Image,
    url,
    thumbnail: { url: `https://elsewhere.example/${path}`, proxy_url: url, ...more },
  }
}

it('links to still pictures are left out, those to moving ones are not', async () => {
  link(picture('cat.png'))
  link(picture('cat.jpg?width=300'))
  link(picture('cat', { content_type: 'image/jpeg' }))
  link(picture('unknown'))
  link(picture('cat.webp'))
  link(picture('really-a-photo.gif', { content_type: 'image/png' }))
  link(picture('party.gif'))
  link(picture('dance.webp?animated=true'))
  link(picture('typed', { content_type: 'image/gif' }))
  link(picture('flagged.webp', { content_type: 'image/webp', flags: EmbedMediaFlags.IsAnimated }))
  const video = `${valley.stage.discord.rest.cdn}/clip`
  link({ type: EmbedType.GIFV, url: video, video: { url: video }, thumbnail: { url: `${video}.png` } })
  await expect.poll(taken, SOON).toEqual(['clip', 'dance.webp', 'flagged.webp', 'party.gif', 'typed'])
})

it('a file of which Discord knows no type counts when its name is that of a video or a GIF', async () => {
  const { stage } = valley
  const { bytes } = clipOfOneSecond()
  const untyped = { bytes, contentType: 'application/octet-stream' }
  const posts = (file: { name: string; contentType?: string | null }) =>
    stage.ana.posts(stage.general, '', { files: [{ bytes, ...file }] })
  posts({ ...untyped, name: 'photo.png' })
  posts({ ...untyped, name: 'data.bin' })
  posts({ name: 'photo.JPG', contentType: null })
  posts({ name: 'photo.png' })
  posts({ ...untyped, name: 'holiday.MP4' })
  posts({ ...untyped, name: 'party.gif' })
  posts({ name: 'old.avi', contentType: null })
  await expect.poll(taken, SOON).toEqual(['holiday.MP4', 'old.avi', 'party.gif'])
})

it('of several files in one post those that move are looked at', async () => {
  const { stage } = valley
  const { bytes } = clipOfOneSecond()
  const file = (name: string, contentType: string) => ({ name, bytes, contentType })
  const files = [file('a.png', 'image/png'), file('b.mp4', 'application/octet-stream'), file('c.webm', 'video/webm')]
  stage.ana.posts(stage.general, '', { files })
  await expect.poll(taken, SOON).toEqual(['b.mp4', 'c.webm'])
})

it('what an edit brings counts to the time of the edit', async () => {
  const { stage } = valley
  const post = stage.ana.posts(stage.general, 'soon')
  await new Promise((resolve) => setTimeout(resolve, 50))
  const beforeMs = Date.now()
  stage.ana.edits(post, 'here it is')
  const video = `${stage.discord.rest.cdn}/clip`
  stage.ana.seesLinkUnfold(post, [{ type: EmbedType.GIFV, url: video, video: { url: video } }])
  await expect.poll(async () => (await records()).length, SOON).toBe(1)
  const [clip] = await records()
  expect(clip!.post.postedAtMs).toBeGreaterThanOrEqual(beforeMs)
})
