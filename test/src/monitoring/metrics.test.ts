import { describe, expect, it } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import { Metrics } from '../../../src/monitoring/metrics.ts'
import { ProgramState } from '../../../src/monitoring/program-state.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { message } from '../../helpers/messages.ts'
import { endOf, openConversation } from '../../helpers/open-conversation.ts'

function open(connected: Record<string, boolean> = {}) {
  const platforms = Object.entries(connected).map(([platform, is]) => ({ platform, isConnected: () => is }))
  const state = new ProgramState({ version: '1.2.3', model: 'fake', platforms })
  return { state, metrics: new Metrics(state) }
}

/** The line of one number; without labels those of the registry come first. */
async function lines(metrics: Metrics, name: string): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith(name))
}

describe('the numbers', () => {
  it('count how questions ended, their tokens and their stages', async () => {
    const { metrics } = open()
    const answerer = new FakeAnswerer((question) =>
      questionText(question).includes('break')
        ? { fail: new AppError('CLIP_TOO_LONG', 'too long') }
        : { say: 'two words' },
    )
    const { bot } = openConversation(answerer, { observer: metrics })
    await endOf(bot.ask(message('one', ['/a'])))
    await endOf(bot.ask(message('break it')))
    await endOf(bot.ask(message('no clip', [], { threadId: 'test:two' })))
    expect(await lines(metrics, 'valley_replies_total')).toEqual([
      'valley_replies_total{platform="test",kind="answer"} 1',
      'valley_replies_total{platform="test",kind="refusal"} 1',
      'valley_replies_total{platform="test",kind="incomplete"} 1',
    ])
    expect(await lines(metrics, 'valley_refusals_total{code="CLIP_TOO_LONG"}')).toEqual([
      'valley_refusals_total{code="CLIP_TOO_LONG"} 1',
    ])
    // The fake's report: three tokens of prompt, an answer of two, decode took 2 ms.
    expect(await lines(metrics, 'valley_tokens_total')).toEqual([
      'valley_tokens_total{kind="prompt"} 3',
      'valley_tokens_total{kind="reused"} 0',
      'valley_tokens_total{kind="answer"} 2',
    ])
    expect(await lines(metrics, 'valley_stage_seconds_sum{stage="decode"}')).toEqual([
      'valley_stage_seconds_sum{stage="decode"} 0.002',
    ])
    expect(await lines(metrics, 'valley_queue_wait_seconds_count')).toEqual(['valley_queue_wait_seconds_count 3'])
  })

  it('tell of bots and engines where there are any', async () => {
    const { metrics, state } = open()
    expect(await lines(metrics, 'valley_cluster_questions{')).toEqual([])
    const load = { running: 0, waiting: 0 }
    const cluster = () => ({ engines: 3, running: 4, waiting: 12, takenOver: 2 })
    state.serving(
      () => load,
      () => null,
      cluster,
    )
    for (const repeat of ['first', 'second']) {
      expect(await lines(metrics, 'valley_questions_taken_over_total'), repeat).toEqual([
        'valley_questions_taken_over_total 2',
      ])
    }
    expect([
      ...(await lines(metrics, 'valley_engines')),
      ...(await lines(metrics, 'valley_cluster_questions{')),
    ]).toEqual([
      'valley_engines 3',
      'valley_cluster_questions{state="running"} 4',
      'valley_cluster_questions{state="waiting"} 12',
    ])
  })

  it('hold no word and no id of anybody', async () => {
    const { metrics } = open()
    const { bot } = openConversation(new FakeAnswerer(), { observer: metrics })
    await endOf(bot.ask(message('a very private question', ['/secret-path'], { groupId: 'test:guild-7' })))
    expect(await metrics.text()).not.toMatch(/private|secret-path|guild-7|test:/)
  })

  it('say of a question that never had its turn that it was refused, and nothing of its wait', async () => {
    const { metrics } = open()
    const limits = { perUser: { questions: 1, seconds: 60 } }
    const { bot } = openConversation(new FakeAnswerer(), { observer: metrics, settings: () => ({ limits }) })
    await endOf(bot.ask(message('one', ['/a'])))
    await endOf(bot.ask(message('two')))
    expect(await lines(metrics, 'valley_refusals_total{code="RATE_LIMITED"}')).toEqual([
      'valley_refusals_total{code="RATE_LIMITED"} 1',
    ])
    expect(await lines(metrics, 'valley_queue_wait_seconds_count')).toEqual(['valley_queue_wait_seconds_count 1'])
  })

  it('follow the queue, the platforms and the phase as they are when asked for', async () => {
    const { state, metrics } = open({ one: true, two: false })
    state.serving(() => ({ running: 2, waiting: 5 }))
    expect(await lines(metrics, 'valley_queue_questions')).toEqual([
      'valley_queue_questions{state="running"} 2',
      'valley_queue_questions{state="waiting"} 5',
    ])
    expect(await lines(metrics, 'valley_platform_connected')).toEqual([
      'valley_platform_connected{platform="one"} 1',
      'valley_platform_connected{platform="two"} 0',
    ])
    expect(await lines(metrics, 'valley_ready')).toEqual(['valley_ready 0'])
  })
})
