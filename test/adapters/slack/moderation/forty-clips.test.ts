import sharp from 'sharp'
import { expect, it, vi } from 'vitest'
import type { Message } from '../../../doubles/slack/world/message.ts'
import { FakeEngine } from '../../../helpers/fake-engine.ts'
import { CHANNELS, CLIPS, findInThem, fortyClips, TOUCHING } from '../../../helpers/forty-clips.ts'
import { openWireDesk, type WireDesk } from '../../../helpers/wire-desk.ts'
import { linkTo, useValley } from '../slack-talk.ts'

/** A second or two for each clip on a busy machine. */
const LIMIT = { timeout: 300_000, interval: 50 }
const fixture = useValley()

it(
  'of forty clips in five channels six are told with their spans, and the digest counts all',
  async () => {
    const { slack } = fixture
    const engine = new FakeEngine()
    findInThem(engine)
    let desk: WireDesk | null = null
    const [ann, ben] = [slack.team.addUser('ann'), slack.team.addUser('ben')]
    const mara = slack.team.addUser('mara', { standing: 'admin' })
    const mods = slack.team.addChannel('mods')
    const channels = Array.from({ length: CHANNELS }, (_, index) => slack.team.addChannel(`videos-${index}`))
    await fixture.start({
      prepare: async ({ moderated, locateClip }) => {
        const trustedHosts = [new URL(slack.origin).host]
        const watch = channels.map(({ id }) => ({ channelId: `slack:${id}`, reportTo: `slack:${mods.id}` }))
        desk = await openWireDesk({ moderated, locateClip, trustedHosts, engine, settings: { watch } })
      },
    })
    const posts: Message[] = []
    for (const [number, file] of fortyClips().entries()) {
      const author = number % 4 === 0 ? ben : ann
      posts.push(author.posts(channels[number % CHANNELS]!, '', { files: [file] }))
    }
    const { store } = desk!
    await vi.waitFor(async () => expect(await store.countLooked(`slack:${slack.team.id}`, 0)).toBe(CLIPS), LIMIT)
    const alerts = () => slack.messagesIn(mods).filter(({ text }) => text.includes('Needs a look'))
    await vi.waitFor(() => expect(alerts()).toHaveLength(TOUCHING.size), LIMIT)
    for (const number of TOUCHING) {
      const told = alerts().find(({ text }) => text.includes(linkTo(slack, posts[number]!)))
      expect(told?.text, `clip ${number}`).toContain('0:01-0:02')
    }
    const pictures = () => slack.messagesIn(mods).flatMap(({ files }) => files)
    await vi.waitFor(() => expect(pictures()).toHaveLength(TOUCHING.size), LIMIT)
    for (const { bytes } of pictures()) expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png' })

    mara.runs('/valley', 'digest now', mods)
    const digest = await slack.waitForMessage(mods, new RegExp(`${CLIPS} clips by 2 people in 5 channels`))
    for (const { id } of channels) expect(digest.text).toContain(`${id} ${CLIPS / CHANNELS}`)
    expect(digest.text).toContain(`ann ${(CLIPS * 3) / 4}, ben ${CLIPS / 4}`)
    expect(digest.text).toContain('Findings: knives 6')
    for (const number of TOUCHING) expect(digest.text).toContain(linkTo(slack, posts[number]!))
    expect(slack.pings()).toEqual([])
  },
  LIMIT.timeout,
)
