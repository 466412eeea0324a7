import type { APIMessage } from 'discord.js'
import sharp from 'sharp'
import { expect, it, onTestFinished, vi } from 'vitest'
import { openStage } from '../../../helpers/discord-stage.ts'
import { CHANNELS, CLIPS, CLIPS_OF_OTHER, fortyClips } from '../../../helpers/forty-clips.ts'
import { ALWAYS, countFindings, expectRightAlerts, openOnlooker, readAlert } from '../../../helpers/forty-clips-look.ts'
import { openWireDesk, type WireDesk } from '../../../helpers/wire-desk.ts'

/** Some seconds for each clip on a busy machine with a real model. */
const LIMIT = { timeout: 900_000, interval: 50 }

it(
  'of forty clips in five channels those that touch rules are told with their spans, and the digest counts all',
  async () => {
    const clips = await fortyClips()
    const { engine, rules, goals, close } = await openOnlooker(clips)
    onTestFinished(close)
    let desk: WireDesk | null = null
    const stage = await openStage({
      prepare: async ({ moderated, locateClip }, discord) => {
        desk = await openWireDesk({ moderated, locateClip, trustedHosts: [discord.host], engine, rules })
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
    for (const [number, { file, words }] of clips.entries()) {
      const author = number % 4 === 0 ? ben : stage.ana
      posts.push(author.posts(channels[number % CHANNELS]!, words, { files: [file] }))
    }
    const { store } = desk!
    await vi.waitFor(async () => expect(await store.countLooked(`discord:${stage.guild.id}`, 0)).toBe(CLIPS), LIMIT)
    await vi.waitFor(async () => expect(await store.unsentAlerts()).toEqual([]), LIMIT)
    const alerts = stage.discord.botMessagesIn(mods).filter(({ content }) => content.includes('Needs a look'))
    const told = alerts.map(({ content }) =>
      readAlert(
        content,
        posts.findIndex(({ id }) => content.includes(id)),
      ),
    )
    expectRightAlerts(clips, told, goals)
    for (const { attachments } of alerts) {
      const picture = await (await fetch(attachments[0]!.url)).arrayBuffer()
      expect(await sharp(Buffer.from(picture)).metadata()).toMatchObject({ format: 'png' })
    }

    const digest = await mara.usesCommand(mods, 'valley digest').answer()
    const file = digest.attachments.find(({ filename }) => filename.endsWith('.txt'))
    const whole = file === undefined ? digest.content : await (await fetch(file.url)).text()
    expect(whole).toContain(`${CLIPS} clips by 2 people in 5 channels`)
    for (const { id } of channels) expect(whole).toMatch(new RegExp(`${id}>? ${CLIPS / CHANNELS}\\b`))
    expect(whole).toMatch(new RegExp(`${stage.ana.id}>? ${CLIPS - CLIPS_OF_OTHER}\\b`))
    expect(whole).toMatch(new RegExp(`${ben.id}>? ${CLIPS_OF_OTHER}\\b`))
    const counts = countFindings(await store.clipsReported(`discord:${mods.id}`, ALWAYS))
    for (const [rule, count] of counts) expect(whole).toMatch(new RegExp(`Findings:(\\*\\*)? ${rule} ${count}\\b`))
    for (const { clip } of told) expect(whole).toContain(posts[clip]!.id)
    expect(digest.attachments.map(({ filename }) => filename)).toContain('activity.png')
    expect(stage.discord.pings()).toEqual([])
  },
  LIMIT.timeout,
)
