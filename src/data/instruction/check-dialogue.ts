// What a language model wrote becomes a dialogue, or a reason why it is not one to learn from.
import { z } from 'zod'
import { type AnswerForm, type ChatAnswer, parseJson } from '../../language-model/chat-request.ts'
import { countWords } from '../count-dataset.ts'
import type { LanguageWords } from '../phrases/language-schema.ts'
import { PhraseFinder } from '../phrases/phrase-finder.ts'
import type { RecordTurn } from '../record.ts'
import type { Task } from './recipe.ts'

/** Why a dialogue was rejected. */
export const REJECTIONS = [
  'refused',
  'cut-off',
  'not-the-form',
  'too-few-turns',
  'empty',
  'wrong-language',
  'too-short',
  'too-long',
  'gives-away',
  'not-grounded',
  'copied',
  'duplicate',
] as const

/** One of the reasons. */
export type Rejection = (typeof REJECTIONS)[number]

/** A dialogue, or why not and what was seen. */
export type Checked =
  | { readonly turns: readonly RecordTurn[] }
  | { readonly rejection: Rejection; readonly seen: string }

/** The form of every dialogue. */
export const DIALOGUE_FORM: AnswerForm = {
  name: 'dialogue',
  schema: {
    type: 'object',
    properties: {
      turns: {
        type: 'array',
        items: {
          type: 'object',
          properties: { question: { type: 'string' }, answer: { type: 'string' } },
          required: ['question', 'answer'],
          additionalProperties: false,
        },
      },
    },
    required: ['turns'],
    additionalProperties: false,
  },
}
const dialogueSchema = z.object({ turns: z.array(z.object({ question: z.string(), answer: z.string() })) })
const FENCE = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?\s*```\s*$/
/** Forms of a word share their beginning; so long it must be. */
const STEM_LETTERS = 5
const HAN = /\p{Script=Han}/gu

/** What an answer is held against. */
export interface Expectation {
  readonly task: Task
  readonly giveaways: readonly string[]
  readonly language: string
  readonly languages: ReadonlyMap<string, LanguageWords>
  /** Everything that is known of the clip. */
  readonly source: string
  readonly caption: string
}

/** Checks one answer by itself; that two dialogues are the same is seen elsewhere. */
export function checkDialogue(answer: ChatAnswer, expected: Expectation): Checked {
  const reject = (rejection: Rejection, seen: string): Checked => ({ rejection, seen })
  if (answer.isRefused) return reject('refused', answer.text)
  if (answer.isCut) return reject('cut-off', answer.text)
  const parsed = dialogueSchema.safeParse(parseJson(FENCE.exec(answer.text)?.[1] ?? answer.text))
  if (!parsed.success) return reject('not-the-form', answer.text)
  const { task, giveaways, caption } = expected
  const turns = parsed.data.turns.map(({ question, answer: said }) => ({
    question: question.trim(),
    answer: said.trim(),
  }))
  if (turns.length < task.minTurns) return reject('too-few-turns', `${turns.length} of ${task.minTurns}`)
  for (const { question, answer: said } of turns) {
    const both = `${question} ${said}`
    if (question === '' || said === '' || both.includes('\0') || /<(video|image)>/.test(both))
      return reject('empty', both)
    const words = countWords(said)
    if (words < task.minWords) return reject('too-short', `${words} words: ${said}`)
    if (words > task.maxWords) return reject('too-long', `${words} words: ${said}`)
    const giveaway = giveaways.find((words) => holdsWords(both, words))
    if (giveaway !== undefined) return reject('gives-away', `${giveaway}: ${both}`)
    if (said.toLowerCase() === caption.toLowerCase()) return reject('copied', said)
  }
  const all = turns.map(({ question, answer: said }) => `${question} ${said}`).join('\n')
  const language = languageOf(all, expected.languages)
  if (language !== expected.language) return reject('wrong-language', `${language}: ${all}`)
  const grounded = groundedShare(all, expected)
  if (grounded < task.minGrounded) return reject('not-grounded', `${grounded.toFixed(2)}: ${all}`)
  return { turns }
}

/** Whole words, so that "text" is not found in "texture". */
function holdsWords(text: string, words: string): boolean {
  if (HAN.test(words)) return text.includes(words)
  const escaped = words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'iu').test(text)
}

/** The language whose function words are most of the text's words; `none` where there are none. */
export function languageOf(text: string, languages: ReadonlyMap<string, LanguageWords>): string {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  if ((text.match(HAN)?.length ?? 0) > letters / 3) return languages.has('zh') ? 'zh' : 'none'
  const words = text.toLowerCase().match(/[\p{L}'’]+/gu) ?? []
  let [best, most] = ['none', 0]
  for (const [name, { functionWords }] of languages) {
    const known = new Set(functionWords)
    const count = words.filter((word) => known.has(word)).length
    if (count > most) [best, most] = [name, count]
  }
  return best
}

/** How much of what the source speaks of the dialogue speaks of, too. */
function groundedShare(dialogue: string, { source, language, languages }: Expectation): number {
  const finder = new PhraseFinder(languages.get(language)!)
  const stems = (text: string) =>
    new Set(
      finder
        .phrasesOf(text)
        .flatMap((phrase) => phrase.split(' '))
        .map(stemOf),
    )
  const [wanted, said] = [stems(source), new Set(finder.contentOf(dialogue).split(' ').map(stemOf))]
  return wanted.size === 0 ? 1 : [...wanted].filter((stem) => said.has(stem)).length / wanted.size
}

function stemOf(word: string): string {
  return word.slice(0, STEM_LETTERS)
}
