// What is being done for a question, in words.
import type { AnswerEvent } from './answerer.ts'

const STAGE_TEXTS = {
  downloading: 'Downloading the clip',
  probing: 'Opening the clip',
  decoding: 'Decoding frames',
  looking: 'Looking at frames',
  reading: 'Reading the question',
  answering: 'Answering',
} as const

/** A progress event in words, e.g. `Looking at frames 3/8`. */
export function progressText({ stage, done, total }: Extract<AnswerEvent, { type: 'progress' }>): string {
  const text = STAGE_TEXTS[stage]
  if (done === undefined) return `${text} …`
  return total === undefined ? `${text} ${done}` : `${text} ${done}/${total}`
}

/** A place in the queue in words. */
export function waitingText(ahead: number): string {
  return `Waiting; ${ahead} first`
}
