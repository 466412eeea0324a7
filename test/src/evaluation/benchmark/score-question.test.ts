import { describe, expect, it } from 'vitest'
import { measureBenchmark } from '../../../../src/evaluation/benchmark/benchmark-measures.ts'
import type { BenchmarkQuestion, Expected } from '../../../../src/evaluation/benchmark/benchmark-question.ts'
import { type ScoredQuestion, scoreQuestion } from '../../../../src/evaluation/benchmark/score-question.ts'
import { RememberingModel } from '../../../../src/language-model/ask-model.ts'
import { type ChatReply, startChat } from '../../../doubles/chat-completions/chat-double.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

function question(expected: Expected, changes: Partial<BenchmarkQuestion> = {}): BenchmarkQuestion {
  return { id: 'q', group: 'g', clip: { name: 'c' }, questions: ['What is it?'], expected, ...changes }
}
const DOG = question({ kind: 'open', answer: 'dog', axes: ['match'] })
const OPTIONS = [
  { label: 'A', text: 'up' },
  { label: 'B', text: 'down' },
]

/** A judge that gives these replies one after the other, the last one again and again. */
async function judgeSaying(...replies: readonly ChatReply[]) {
  const chat = await startChat((_, number) => replies[Math.min(number, replies.length - 1)]!)
  const generator = { baseUrl: chat.url, model: 'judge-1', key: 'key', temperature: 0, timeoutMs: 60_000 }
  const waits: number[] = []
  const judge = new RememberingModel(
    { ...generator, structure: 'schema' },
    temporaryFolder(),
    undefined,
    async (milliseconds) => waits.push(milliseconds),
  )
  return { judge, chat, waits }
}

describe('a judge of open answers', () => {
  it('gets question, expected and given answer, and says whether it is right and how good', async () => {
    const { judge, chat } = await judgeSaying('{"pred": "yes", "score": 4}')
    const scored = await scoreQuestion(DOG, { said: ['A puppy runs.'] }, judge)
    expect(scored).toMatchObject({
      match: { isSame: false, holds: false },
      judged: { match: { isRight: true, score: 4 } },
    })
    const { model, temperature, messages, response_format } = chat.seen[0]!.body
    expect({ model, temperature, type: response_format?.type }).toEqual({
      ...{ model: 'judge-1', temperature: 0, type: 'json_schema' },
    })
    expect(messages[1]!.content).toBe('Question: What is it?\nExpected answer: dog\nGiven answer: A puppy runs.')
  })

  it.each([
    ['a dictionary of Python', "{'pred': 'no', 'score': 2}", { isRight: false, score: 2 }],
    ['a fence and words around', 'Here:\n```json\n{"pred":"yes","score":"5"}\n```', { isRight: true, score: 5 }],
    ['a fraction, which is cut off', '{"pred": "yes", "score": 4.8}', { isRight: true, score: 4 }],
  ])('is understood in %s', async (_, reply, judgement) => {
    const { judge } = await judgeSaying(reply)
    expect((await scoreQuestion(DOG, { said: ['x'] }, judge)).judged).toEqual({ match: judgement })
  })

  it.each<[string, ChatReply]>([
    ['no object', 'Yes, that is right!'],
    ['a score beyond 5', '{"pred": "yes", "score": 11}'],
    ['another verdict', '{"pred": "perhaps", "score": 3}'],
    ['a refusal', { refusal: 'I cannot grade this.' }],
    ['an answer that was cut', { cutAt: '{"pred": "yes", "score": 3}' }],
  ])('is asked anew after %s, three times in all, and then counts as silent', async (_, reply) => {
    const patient = await judgeSaying(reply, reply, '{"pred": "yes", "score": 3}')
    expect((await scoreQuestion(DOG, { said: ['x'] }, patient.judge)).judged?.match?.score).toBe(3)
    const hopeless = await judgeSaying(reply)
    const scored = await scoreQuestion(DOG, { said: ['x'] }, hopeless.judge)
    expect(scored).toMatchObject({ judged: {}, unjudged: ['match'] })
    expect(hopeless.chat.seen).toHaveLength(3)
  })

  it('is waited for when it is busy, and ends the run when it refuses', async () => {
    const busy = await judgeSaying({ fault: { status: 429, retryAfterSeconds: 7 } }, '{"pred": "no", "score": 0}')
    await scoreQuestion(DOG, { said: ['x'] }, busy.judge)
    expect(busy.waits).toEqual([7000])
    const closed = await judgeSaying({ fault: { status: 401 } })
    await expect(scoreQuestion(DOG, { said: ['x'] }, closed.judge)).rejects.toMatchObject({ code: 'GENERATOR_REFUSED' })
  })

  it('scores each axis apart, and consistency from both answers at once', async () => {
    const { judge, chat } = await judgeSaying('{"score": 3}', '{"score": 2}', '{"score": 1}', '{"score": 5}')
    const general = question({ kind: 'open', answer: 'Rowing.', axes: ['correctness', 'detail', 'context'] })
    const scored = await scoreQuestion(general, { said: ['A boat.'] }, judge)
    expect(scored.judged).toEqual({ correctness: { score: 3 }, detail: { score: 2 }, context: { score: 1 } })
    expect(scored.match).toBeUndefined()
    const twice = question(
      { kind: 'open', answer: 'A boat.', axes: ['consistency'] },
      { questions: ['What?', 'Which?'] },
    )
    const consistent = await scoreQuestion(twice, { said: ['A boat', 'Boats'] }, judge)
    expect(consistent.judged).toEqual({ consistency: { score: 5 } })
    expect(chat.seen[3]!.body.messages[1]!.content).toBe(
      'Question 1: What?\nQuestion 2: Which?\nExpected answer: A boat.\nGiven answer 1: A boat\nGiven answer 2: Boats',
    )
  })
})

describe('a judge of choices', () => {
  const choice = question({ kind: 'choice', options: OPTIONS, right: 1 })
  const told = question({ kind: 'choice', options: OPTIONS, right: 1, isTold: true })

  it('is asked only where no rule tells what was chosen, and does not learn what is right', async () => {
    const { judge, chat } = await judgeSaying('{"option": "B"}')
    expect(await scoreQuestion(choice, { said: ['A'] }, judge)).toMatchObject({ chosen: 'A', isRight: false })
    expect(chat.seen).toHaveLength(0)
    expect(await scoreQuestion(choice, { said: ['It sinks.'] }, judge)).toMatchObject({ chosen: 'B', isRight: true })
    expect(chat.seen[0]!.body.messages[1]!.content).toBe('Question: What is it?\nA: up\nB: down\nAnswer: It sinks.')
  })

  it('may say that it is none; a caption is always for it to tell', async () => {
    const { judge } = await judgeSaying('{"option": "none"}', '{"option": "b"}')
    expect(await scoreQuestion(choice, { said: ['Hm.'] }, judge)).toMatchObject({ chosen: null, isRight: false })
    expect(await scoreQuestion(told, { said: ['up'] }, judge)).toMatchObject({ chosen: 'B', isRight: true })
  })

  it('is missed where there is none: unclear answers are wrong, captions count not', async () => {
    expect(await scoreQuestion(choice, { said: ['Hm.'] }, null)).toMatchObject({ chosen: null, isRight: false })
    expect(await scoreQuestion(told, { said: ['down'] }, null)).toMatchObject({ chosen: null, isRight: null })
  })
})

describe('the figures of a set', () => {
  const one = (id: string, group: string, changes: Partial<ScoredQuestion>): ScoredQuestion => ({
    ...{ id, group, clip: 'c', questions: ['?'], expected: 'x', said: ['x'] },
    ...changes,
  })

  it('count pairs as right when both are, by group and in all, with intervals', () => {
    const half = (id: string, group: string, part: 'basic' | 'hallucination', isRight: boolean) =>
      one(`${id}/${part}`, group, { isRight, pair: { id, part } })
    const measures = measureBenchmark([
      ...[half('1', 'time', 'basic', true), half('1', 'time', 'hallucination', true)],
      ...[half('2', 'time', 'basic', true), half('2', 'time', 'hallucination', false)],
      ...[half('3', 'things', 'basic', true), half('3', 'things', 'hallucination', true)],
      // Its other clip was missing.
      half('4', 'things', 'basic', true),
    ])
    const value = (measure: string, group: string) => {
      const found = measures.find((row) => row.measure === measure && row.group === group)!
      return [found.cases, found.value]
    }
    expect(value('right', 'all')).toEqual([7, 6 / 7])
    expect(value('right, of what is shown', 'all')).toEqual([4, 1])
    expect(value('right, of what is not', 'all')).toEqual([3, 2 / 3])
    expect(value('both of a pair right', 'time')).toEqual([2, 0.5])
    expect(value('both of a pair right', 'all')).toEqual([3, 2 / 3])
    // Wilson's interval of 2 of 3 is 0.208 to 0.939 (Newcombe's calculator).
    const { interval } = measures.find(({ measure, group }) => measure === 'both of a pair right' && group === 'all')!
    expect([interval.low, interval.high].map((end) => end.toFixed(3))).toEqual(['0.208', '0.939'])
  })

  it('are means from 0 to 5 on the axes of a judge, and leave out what was not judged', () => {
    const measures = measureBenchmark([
      one('1', 'general', { judged: { detail: { score: 1 } } }),
      one('2', 'general', { judged: { detail: { score: 4 } } }),
      one('3', 'general', { judged: {}, unjudged: ['detail'] }),
      one('4', 'words', { isRight: null, chosen: null }),
    ])
    expect(measures).toEqual([
      { measure: 'detail', group: 'all', cases: 2, value: 2.5, scale: 'score', interval: { low: 1, high: 4 } },
    ])
  })
})
