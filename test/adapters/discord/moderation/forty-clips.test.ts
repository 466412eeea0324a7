import type { APIMessage } from 'discord.js'
import sharp from 'sharp'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openStage } from '../../../helpers/discord-stage.ts'
import { FakeEngine } from '../../../helpers/fake-engine.ts'
import { CHANNELS, CLIPS, findInThem, fortyClips, TOUCHING } from '../../../helpers/forty-clips.ts'
import { openWireDesk, type WireDesk } from '../../../helpers/wire-desk.ts'

/** A second or two for each clip on a busy machine. */
const LIMIT = { timeout: 300_000, interval: 50 }

it(
  'of forty clips in five channels six are told with their spans, and the digest counts all',
  async () => {
    const engine = new FakeEngine()
    findInThem(engine)
    let desk: WireDesk | null = null
    const stage = await openStage({
      prepare: async ({ moderated, locateClip }, discord) => {
        desk = await openWireDesk({ moderated, locateClip, trustedHosts: [discord.host], engine })
      },
    })
    onTestFinished(() => stage.close())
    const mods = stage.guild.channel('mods')
    const mara = stage.guild.person('Mara')
    const ben = stage.guild.person('Ben')
    stage.guild.role('moderators', { permissions: ['ManageGuild'], people: [mara] })
    const channels = Array.from({ length: CHANNELS }, (_, index) => stage.guild.channel(`videos-${index}`))
    for (const channel of channels) await mara.usesCommand(mods, 'valley watch', { channel }).answer()

    const posts: APIMessage[] = []
    for (const [number, file] of fortyClips().entries()) {
      const author = number % 4 === 0 ? ben : stage.ana
      posts.push(author.posts(channels[number % CHANNELS]!, '', { files: [file] }))
    }
    const { store } = desk!
    await vi.waitFor(async () => expect(await store.countLooked(`discord:${stage.guild.id}`, 0)).toBe(CLIPS), LIMIT)
    const alerts = () => stage.discord.botMessagesIn(mods).filter(({ content }) => content.includes('Needs a look'))
    await vi.waitFor(() => expect(alerts()).toHaveLength(TOUCHING.size), LIMIT)
    for (const number of TOUCHING) {
      const told = alerts().find(({ content }) => content.includes(posts[number]!.id))
      expect(told?.content, `clip ${number}`).toContain('0:01-0:02')
      const picture = await (await fetch(told!.attachments[0]!.url)).arrayBuffer()
      expect(await sharp(Buffer.from(picture)).metadata()).toMatchObject({ format: 'png' })
    }

    const digest = await mara.usesCommand(mods, 'valley digest').answer()
    const file = digest.attachments.find(({ filename }) => filename.endsWith('.txt'))
    const whole = file === undefined ? digest.content : await (await fetch(file.url)).text()
    expect(whole).toContain(`${CLIPS} clips by 2 people in 5 channels`)
    for (const { id } of channels) expect(whole).toMatch(new RegExp(`${id}>? ${CLIPS / CHANNELS}\\b`))
    expect(whole).toMatch(new RegExp(`${stage.ana.id}>? ${(CLIPS * 3) / 4}\\b`))
    expect(whole).toMatch(new RegExp(`${ben.id}>? ${CLIPS / 4}\\b`))
    expect(whole).toMatch(/Findings: (\*\*)?knives 6/)
    for (const number of TOUCHING) expect(whole).toContain(posts[number]!.id)
    expect(digest.attachments.map(({ filename }) => filename)).toContain('activity.png')
    expect(stage.discord.pings()).toEqual([])
  },
  LIMIT.timeout,
)
