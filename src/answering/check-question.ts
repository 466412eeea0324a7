// What a question may ask for, checked before anything runs, so that a wrong one costs nothing.
import type { AnswerOptions, Question } from '../conversation/answerer.ts'
import { AppError } from '../errors.ts'

/** Longest message, characters (UTF-16 units). Far above what a small model's context holds; keeps the tokenizer's work bounded. */
export const MAX_MESSAGE_CHARACTERS = 8000
/** Most clips in the messages of one question. */
export const MAX_CLIPS = 64

/** Answer options with their defaults; what depends on the model stays open: its frame recipe, its longest answer. */
export type CheckedOptions = Required<Omit<AnswerOptions, ModelDefaults>> & Pick<AnswerOptions, ModelDefaults>
type ModelDefaults = 'frameCount' | 'maxTokens'

/** Inclusive, except that topP must be above 0. */
const RANGES = {
  frameCount: { least: 1, most: 1024, whole: true },
  maxTokens: { least: 1, most: 100_000, whole: true },
  temperature: { least: 0, most: 2, whole: false },
  topP: { least: 0, most: 1, whole: false },
  seed: { least: 0, most: 2 ** 32 - 1, whole: true },
} as const

/**
 * Checks a question and fills in the defaults.
 * @throws AppError QUESTION_INVALID naming every wrong option, or for messages that end in no question; QUESTION_TOO_LONG
 */
export function checkQuestion({ messages, options }: Question): CheckedOptions {
  const checked = checkOptions(options)
  if (messages.at(-1)?.role !== 'user') {
    throw new AppError(
      'QUESTION_INVALID',
      `The last of ${messages.length} messages is not the user's; an answer needs a question. Put the question last.`,
    )
  }
  const clips = new Set(messages.flatMap(({ content }) => content.flatMap((p) => (p.type === 'clip' ? p.clip.id : []))))
  if (clips.size > MAX_CLIPS) {
    throw new AppError(
      'QUESTION_INVALID',
      `The question shows ${clips.size} clips; at most ${MAX_CLIPS} are allowed. Ask about fewer clips.`,
      { details: { clips: clips.size, maxClips: MAX_CLIPS } },
    )
  }
  for (const { content } of messages) {
    const characters = content.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : 0), 0)
    if (characters > MAX_MESSAGE_CHARACTERS) {
      throw new AppError(
        'QUESTION_TOO_LONG',
        `A message has ${characters} characters; at most ${MAX_MESSAGE_CHARACTERS} are allowed. Ask in fewer words.`,
        { details: { characters, maxCharacters: MAX_MESSAGE_CHARACTERS } },
      )
    }
  }
  return checked
}

function checkOptions(options: AnswerOptions): CheckedOptions {
  const problems = Object.entries(RANGES).flatMap(([name, { least, most, whole }]) => {
    const value = options[name as keyof typeof RANGES]
    if (value === undefined) return []
    const exclusive = name === 'topP'
    const fits = value <= most && (exclusive ? value > least : value >= least) && (!whole || Number.isInteger(value))
    if (fits) return []
    const from = exclusive ? `above ${least}` : `from ${least}`
    return [`${name} is ${value}; allowed are ${whole ? 'whole numbers' : 'numbers'} ${from} to ${most}`]
  })
  if (problems.length > 0) {
    throw new AppError('QUESTION_INVALID', `${problems.join('. ')}. Ask with other values.`, {
      details: { problems: problems.length },
    })
  }
  return { temperature: 0, topP: 1, seed: 0, probe: false, ...options }
}
