// One question of a suite, with the facts that a right answer states.
import { z } from 'zod'

/** Directions of a motion; `still` for none. */
export const DIRECTIONS = [
  'left',
  'right',
  'up',
  'down',
  'up and to the left',
  'up and to the right',
  'down and to the left',
  'down and to the right',
  'still',
] as const

const text = z.string().min(1)
const seconds = z.number().nonnegative()

/** What every question has, of whatever kind. */
const asked = {
  id: text,
  question: text,
  /** Which of the suite's languages it is asked in; needed where the suite has any. */
  language: text.optional(),
  /** What was asked and rightly answered before, so that the question may refer to it. */
  before: z
    .array(z.object({ question: text, answer: text }))
    .min(1)
    .optional(),
  /** Questions of one pair count as one, right when all of them are. */
  pair: text.optional(),
  /** Asked in words that no training question has. */
  unseenPhrasing: z.boolean().optional(),
}

const orderSchema = z.union([
  /** The one thing that is the answer. */
  z.strictObject({ first: text }),
  /** All of them, first to last. */
  z.strictObject({ order: z.array(text).min(2) }),
  /** What happens then, and who does it. */
  z.strictObject({ event: text, thing: text }),
])

const ofThing = { thing: text.optional() }

/** The schema of one question. */
export const questionSchema = z.discriminatedUnion('kind', [
  z.object({ ...asked, kind: z.literal('things'), expected: z.object({ things: z.array(text).min(1) }) }),
  /** `thing` here and below: whose motion, number or colour it is, so that the question need not be read for it. */
  z.object({ ...asked, kind: z.literal('motion'), expected: z.object({ direction: z.enum(DIRECTIONS), ...ofThing }) }),
  z.object({ ...asked, kind: z.literal('count'), expected: z.object({ count: z.int().nonnegative(), ...ofThing }) }),
  z.object({ ...asked, kind: z.literal('order'), expected: orderSchema }),
  z.object({ ...asked, kind: z.literal('presence'), expected: z.object({ present: z.boolean() }) }),
  z.object({ ...asked, kind: z.literal('setting'), expected: z.object({ setting: text }) }),
  z.object({ ...asked, kind: z.literal('colour'), expected: z.object({ colour: text, ...ofThing }) }),
  z.object({ ...asked, kind: z.literal('where'), expected: z.object({ cell: text }) }),
  /** From when to when, and by how much a stated second may differ. */
  z.object({
    ...asked,
    kind: z.literal('when'),
    expected: z.object({ from: seconds, to: seconds, tolerance: seconds }),
  }),
  /** As presence, but answered by the probabilities of yes and no. */
  z.object({ ...asked, kind: z.literal('moderation'), expected: z.object({ present: z.boolean() }) }),
])

/** One question with the facts that a right answer states. */
export type SuiteQuestion = z.infer<typeof questionSchema>
/** What a question is about. */
export type QuestionKind = SuiteQuestion['kind']

/** Kinds that only suites with lexicons may ask, since their answers have words beside names of things and settings. */
export const LEXICON_KINDS: readonly QuestionKind[] = ['colour', 'where', 'when', 'moderation']

/** The things that an expected value names. */
export function thingsExpected(question: SuiteQuestion): readonly string[] {
  if (question.kind === 'things') return question.expected.things
  if (question.kind === 'colour' || question.kind === 'motion' || question.kind === 'count') {
    return question.expected.thing === undefined ? [] : [question.expected.thing]
  }
  if (question.kind !== 'order') return []
  const { expected } = question
  if ('first' in expected) return [expected.first]
  return 'order' in expected ? expected.order : [expected.thing]
}
