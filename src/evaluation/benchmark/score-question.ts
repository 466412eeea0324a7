// What an answer to a question of a set is worth: by rule where that can be, by a judge where there is one.
import type { RememberingModel } from '../../language-model/ask-model.ts'
import type { Answered } from './answer-log.ts'
import type { Axis, BenchmarkQuestion } from './benchmark-question.ts'
import { type Judgement, judgeAnswer, judgeChoice } from './judge.ts'
import { rightPlaceOf } from './prompt-words.ts'
import { matchAnswer, readChoice, readYesOrNo } from './read-answer.ts'

/** A judge; its answers are remembered. */
export type Judge = Pick<RememberingModel, 'ask'>

/** A question with its answer and what that is worth. */
export interface ScoredQuestion {
  readonly id: string
  readonly group: string
  readonly clip: string
  readonly questions: readonly string[]
  /** In words. */
  readonly expected: string
  readonly said: readonly string[]
  /** What was chosen, in words; null when no option could be told. Absent where nothing is to be chosen. */
  readonly chosen?: string | null
  /** Of what is to be chosen; null when only a judge could tell, and there was none or it did not. */
  readonly isRight?: boolean | null
  /** Of open answers that have a right one: is it, or does it hold it, by rule. */
  readonly match?: { readonly isSame: boolean; readonly holds: boolean }
  readonly judged?: Partial<Readonly<Record<Axis, Judgement>>>
  /** Axes on which a judge was asked and said nothing that could be read. */
  readonly unjudged?: readonly Axis[]
  readonly pair?: BenchmarkQuestion['pair']
  /** Share of right answers among those that guess. */
  readonly chance?: number
}

/**
 * Scores one answer.
 * @param judge null for none
 * @throws AppError GENERATOR_REFUSED, GENERATOR_UNREACHABLE
 */
export async function scoreQuestion(
  asked: BenchmarkQuestion,
  answered: Pick<Answered, 'said' | 'chosen'>,
  judge: Judge | null,
): Promise<ScoredQuestion> {
  const { expected } = asked
  const common = {
    ...{ id: asked.id, group: asked.group, clip: asked.clip.name, questions: asked.questions, said: answered.said },
    ...(asked.pair === undefined ? {} : { pair: asked.pair }),
  }
  if (expected.kind === 'open') {
    const [said = ''] = answered.said
    const match = expected.axes.includes('match') ? { match: matchAnswer(said, expected.answer) } : {}
    const words = { questions: asked.questions, expected: expected.answer, said: answered.said }
    return { ...common, expected: expected.answer, ...match, ...(await judgeAxes(expected.axes, words, judge)) }
  }
  const labels = expected.kind === 'yes-no' ? ['yes', 'no'] : expected.options.map(({ label }) => label)
  const right = rightPlaceOf(expected)
  const place = answered.chosen ?? (await placeOf(asked, answered, judge))
  const isUntold = place === null && expected.kind === 'choice' && expected.isTold === true
  return {
    ...common,
    expected: expected.kind === 'yes-no' ? labels[right]! : `${labels[right]}: ${expected.options[right]!.text}`,
    chosen: typeof place === 'number' ? labels[place]! : null,
    isRight: isUntold ? null : place === right,
    chance: 1 / labels.length,
  }
}

async function placeOf(
  { expected, questions }: BenchmarkQuestion,
  { said: [said = ''] }: Pick<Answered, 'said'>,
  judge: Judge | null,
): Promise<number | 'none' | null> {
  if (expected.kind === 'open') return null
  if (expected.kind === 'yes-no') {
    const word = readYesOrNo(said)
    return word === null ? 'none' : word === 'yes' ? 0 : 1
  }
  const read = expected.isTold ? null : readChoice(said, expected.options)
  if (read !== null) return read
  if (judge !== null) return judgeChoice(judge, questions[0]!, expected.options, said)
  return expected.isTold ? null : 'none'
}

async function judgeAxes(
  axes: readonly Axis[],
  words: Parameters<typeof judgeAnswer>[2],
  judge: Judge | null,
): Promise<Pick<ScoredQuestion, 'judged' | 'unjudged'>> {
  if (judge === null) return {}
  const judged: Partial<Record<Axis, Judgement>> = {}
  const unjudged: Axis[] = []
  for (const axis of axes) {
    const judgement = await judgeAnswer(judge, axis, words)
    if (judgement === null) unjudged.push(axis)
    else judged[axis] = judgement
  }
  return { judged, ...(unjudged.length === 0 ? {} : { unjudged }) }
}
