// What is being done for a question, in words.
import type { AnswerEvent } from './answerer.ts'
import type { Texts } from './texts/texts.ts'

const BYTES_OF_A_MEGABYTE = 1_000_000

/** A progress event in words, e.g. `Looking at frames 3/8` or `Downloading the clip 2.5/12.0 MB`. */
export function progressText({ stage, done, total }: Extract<AnswerEvent, { type: 'progress' }>, texts: Texts): string {
  const text = texts.stages[stage]
  if (done === undefined) return `${text} …`
  const count = stage === 'downloading' ? megabytes : String
  const unit = stage === 'downloading' ? ' MB' : ''
  return `${text} ${count(done)}${total === undefined ? '' : `/${count(total)}`}${unit}`
}

function megabytes(bytes: number): string {
  return (bytes / BYTES_OF_A_MEGABYTE).toFixed(1)
}
