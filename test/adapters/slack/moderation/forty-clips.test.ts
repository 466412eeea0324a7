import sharp from 'sharp'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { Message } from '../../../doubles/slack/world/message.ts'
import { CHANNELS, CLIPS, CLIPS_OF_OTHER, fortyClips } from '../../../helpers/forty-clips.ts'
import { ALWAYS, countFindings, expectRightAlerts, openOnlooker, readAlert } from '../../../helpers/forty-clips-look.ts'
import { openWireDesk, type WireDesk } from '../../../helpers/wire-desk.ts'
import { linkTo, useValley } from '../slack-talk.ts'

/** Some seconds for each clip on a busy machine with a real model. */
const LIMIT = { timeout: 900_000, interval: 50 }
const fixture = useValley()

it(
  'of forty clips in five channels those that touch rules are told with their spans, and the digest counts all',
  async () => {
    const { slack } = fixture
    const clips = await fortyClips()
    const { engine, rules, goals, close } = await openOnlooker(clips)
    onTestFinished(close)
    let desk: WireDesk | null = null
    const [ann, ben] = [slack.team.addUser('ann'), slack.team.addUser('ben')]
    const mara = slack.team.addUser('mara', { standing: 'admin' })
    const mods = slack.team.addChannel('mods')
    const channels = Array.from({ length: CHANNELS }, (_, index) => slack.team.addChannel(`videos-${index}`))
    await fixture.start({
      prepare: async ({ moderated, locateClip }) => {
        const trustedHosts = [new URL(slack.origin).host]
        const watch = channels.map(({ id }) => ({ channelId: `slack:${id}`, reportTo: `slack:${mods.id}` }))
        desk = await openWireDesk({ moderated, locateClip, trustedHosts, engine, rules, settings: { watch } })
      },
    })
    const posts: Message[] = []
    for (const [number, { file, words }] of clips.entries()) {
      const author = number % 4 === 0 ? ben : ann
      posts.push(author.posts(channels[number % CHANNELS]!, words, { files: [file] }))
    }
    const { store } = desk!
    await vi.waitFor(async () => expect(await store.countLooked(`slack:${slack.team.id}`, 0)).toBe(CLIPS), LIMIT)
    await vi.waitFor(async () => expect(await store.unsentAlerts()).toEqual([]), LIMIT)
    const alerts = slack.messagesIn(mods).filter(({ text }) => text.includes('Needs a look'))
    const told = alerts.map(({ text }) =>
      readAlert(
        text,
        posts.findIndex((post) => text.includes(linkTo(slack, post))),
      ),
    )
    expectRightAlerts(clips, told, goals)
    const pictures = slack.messagesIn(mods).flatMap(({ files }) => files)
    expect(pictures).toHaveLength(alerts.length)
    for (const { bytes } of pictures) expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png' })

    mara.runs('/valley', 'digest now', mods)
    const digest = await slack.waitForMessage(mods, new RegExp(`${CLIPS} clips by 2 people in 5 channels`))
    for (const { id } of channels) expect(digest.text).toContain(`${id} ${CLIPS / CHANNELS}`)
    expect(digest.text).toContain(`ann ${CLIPS - CLIPS_OF_OTHER}, ben ${CLIPS_OF_OTHER}`)
    const team = `slack:${slack.team.id}`
    const counts = countFindings(await store.clipsReported(`${team}:${mods.id}`, ALWAYS))
    for (const [rule, count] of counts) expect(digest.text).toContain(`Findings: ${rule} ${count}`)
    for (const { clip } of told) expect(digest.text).toContain(linkTo(slack, posts[clip]!))
    expect(slack.pings()).toEqual([])
  },
  LIMIT.timeout,
)
