// Commands, modals, shortcuts and buttons that a stop of Valley has cut short: the next start answers each of them once.
import { beforeEach, expect, it } from 'vitest'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import type { ModerationDesk } from '../../../src/moderation/platform/desk.ts'
import type { Notice } from '../../../src/moderation/platform/notice.ts'
import type { ModeratedPlatform } from '../../../src/moderation/platform/platform.ts'
import type { Channel } from '../../doubles/slack/world/channel.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { type LedgerOfStarts, openLedgerOfStarts, SOON } from '../../helpers/ledger-of-starts.ts'
import { desksOfStarts } from '../../helpers/watching-desk.ts'
import { CAT, finished, type RunningValley, useValley } from './slack-talk.ts'

const ALERT_NOTICE: Notice = {
  lines: [['Needs a look: knives']],
  alert: { id: 1, buttons: [{ verb: 'dismiss', label: 'Dismiss' }], reveal: 'Show' },
  restAttached: '',
  restName: '',
}
const fixture = useValley()
let starts: LedgerOfStarts
let store: MemoryThreadStore
let answerer: FakeAnswerer
/** True while answers do not come to their end. */
let isSlow: boolean

beforeEach(async () => {
  starts = await openLedgerOfStarts()
  store = new MemoryThreadStore()
  isSlow = true
  answerer = new FakeAnswerer((question) => ({ say: `You said: ${questionText(question)}`, wait: isSlow }))
})

const start = () =>
  fixture.start({ answerer, bot: { store }, settings: { ledger: starts.ledger, nativeStreaming: false } })

/** Ends Valley in the middle of an answer and starts it anew; what was cut is then answered to its end. */
async function startAnew(valley: RunningValley): Promise<void> {
  await fixture.slack.waitUntil('an answer', () => answerer.running > 0)
  await valley.stop()
  await starts.nextStart()
  isSlow = false
  await start()
}

const textsIn = (channel: Channel) => fixture.slack.repliesIn(channel).map(({ text }) => text)

it('answers what was asked of it and waits, and nothing that was written down among people', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const valley = await start()
  const thread = ann.posts(general, '@valley one', { files: [CAT] })
  await slack.waitUntil('an answer', () => answerer.running > 0)
  ann.posts(general, 'two', { thread })
  await expect.poll(starts.open, SOON).toHaveLength(2)
  await valley.stop()
  const other = ann.posts(general, 'look', { files: [CAT] })
  const nice = ann.posts(general, 'nice', { thread: other })
  const { event } = slack.deliveries.at(-1)!.payload
  await starts.ledger.accept(`slack:${general.id}:${nice.ts}`, JSON.stringify({ teamId: slack.team.id, event }))
  await starts.nextStart()
  isSlow = false
  await start()
  await finished(slack, general, /You said: two/)

  await expect.poll(starts.open, SOON).toEqual([])
  expect(answerer.questions.map(questionText)).toEqual(['[clip-1] one', '[clip-1] one', 'two'])
  expect(slack.repliesIn(general).filter(({ threadTs }) => threadTs === other.ts)).toEqual([])
})

it('answers a command once, below the question that it had shown', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const valley = await start()
  ann.posts(general, 'new', { files: [CAT] })
  ann.runs('/valley', 'what is it?', general)

  await startAnew(valley)
  const reply = await finished(slack, general, /You said: \[clip-1\] what is it\?/)

  expect(textsIn(general)).toEqual(['*ann*: what is it? · cat.mp4', 'You said: [clip-1] what is it?'])
  expect(reply.threadTs).toBe(slack.repliesIn(general)[0]?.ts)
  await expect.poll(starts.open, SOON).toEqual([])
})

it('answers what a modal was sent off with once', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const valley = await start()
  ann.runs('/valley', '', general)
  const modal = await slack.waitUntil('the modal', () => ann.openModal)
  await ann.submits(modal, { clips: [CAT], question: 'what is it?' }).settled

  await startAnew(valley)
  await finished(slack, general, /You said: \[clip-1\] what is it\?/)

  expect(textsIn(general)).toHaveLength(2)
  await expect.poll(starts.open, SOON).toEqual([])
})

it('answers "Describe clip" on a post once', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const valley = await start()
  const post = ann.posts(general, 'new', { files: [CAT] })
  ann.usesShortcut('describe_clip', post)

  await startAnew(valley)
  const reply = await finished(slack, general, /You said: \[clip-1\] Describe this clip\./)

  expect(textsIn(general)).toEqual([reply.text])
  expect(reply.threadTs).toBe(post.ts)
  await expect.poll(starts.open, SOON).toEqual([])
})

it('does once what a moderator typed and pressed, and tells them alone', async () => {
  const { slack } = fixture
  const mara = slack.team.addUser('mara', { standing: 'admin' })
  const mods = slack.team.addChannel('mods')
  const startOver = (desk: ModerationDesk) =>
    fixture.start({
      settings: { ledger: starts.ledger },
      prepare: async ({ moderated }) => moderated.connect(desk),
    })
  const told = (text: string) => () => mara.ephemeralsIn(mods).some((one) => one.text.includes(text)) || undefined
  for (const [how, text] of [
    ['command', 'Obeyed'],
    ['press', 'Pressed'],
  ] as const) {
    const { desk, handed } = desksOfStarts()
    let moderated: ModeratedPlatform | null = null
    const first = await fixture.start({
      settings: { ledger: starts.ledger },
      prepare: async (adapter) => {
        moderated = adapter.moderated
        adapter.moderated.connect(desk)
      },
    })
    if (how === 'command') mara.runs('/valley', 'rules', mods)
    else {
      await moderated!.post(`slack:${slack.team.id}:${mods.id}`, ALERT_NOTICE, 'alert-1')
      mara.presses(await slack.waitForMessage(mods, /Needs a look/), 'valley_moderate_dismiss')
    }
    await slack.waitUntil('the first try', () => handed.length === 1)
    await first.stop()
    await starts.nextStart()
    const second = await startOver(desk)
    await slack.waitUntil(text, told(text))
    expect(handed).toHaveLength(2)
    expect(handed[1]).toEqual({ ...handed[0], ...(how === 'press' ? { isAgain: true } : {}) })
    await expect.poll(starts.open, SOON).toEqual([])
    await second.stop()
  }
})

it('answers a button once', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  isSlow = false
  const valley = await start()
  ann.posts(general, '@valley what is it?', { files: [CAT] })
  const first = await finished(slack, general, /You said: \[clip-1\] what is it\?/)
  isSlow = true
  ann.presses(first, 'valley_more_detail')

  await startAnew(valley)
  await finished(slack, general, /You said: .*more detail/)

  expect(textsIn(general).filter((text) => text.includes('more detail'))).toHaveLength(1)
  await expect.poll(starts.open, SOON).toEqual([])
})

it('does nothing again that was only a look at the help', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  await start()
  await ann.runs('/valley', 'help', general).settled

  await expect.poll(() => ann.ephemeralsIn(general).length, SOON).toBe(1)
  await expect.poll(starts.open, SOON).toEqual([])
})
