// What a person asks becomes a question at the end of the thread, or the sentence that says what is missing. Pure.
import type { AnswerOptions } from './answerer.ts'
import { chooseClips } from './choose-clips.ts'
import type { FollowUp, IncomingMessage } from './message.ts'
import type { Texts } from './texts/texts.ts'
import {
  addClips,
  addQuestion,
  currentClipIds,
  findAnswer,
  findQuestion,
  type Thread,
  takeBackLastQuestion,
} from './thread.ts'

/** A question that stands at the end of its thread, its answer of before, or a sentence to show instead of asking. */
export type Prepared =
  | { readonly type: 'question'; readonly thread: Thread; readonly options: AnswerOptions }
  | { readonly type: 'answered'; readonly text: string }
  | { readonly type: 'sentence'; readonly text: string }

/** Prepares a question when its turn has come. @param thread as the question before left it */
export type Prepare = (thread: Thread, texts: Texts, options: AnswerOptions) => Prepared

/** Temperature at which an answer is tried again, unless a higher one is set: at 0 it would come out the same. */
const RETRY_TEMPERATURE = 0.7

/** A post: its clips join the thread, its words ask. @param defaultQuestion asked of clips that come without words */
export function prepareMessage(message: IncomingMessage, defaultQuestion: string): Prepare {
  return (stored, texts, options) => {
    // Asked again after a crash between the answer's keeping and its showing.
    const kept = findAnswer(stored, message.id)
    if (kept !== null) return { type: 'answered', text: kept.text }
    const { thread, clipIds } = addClips(stored, [...(message.repliedClips ?? []), ...message.clips])
    const words = message.text.trim()
    if (thread.clips.length === 0) return { type: 'sentence', text: texts.clipWanted }
    if (words === '' && clipIds.length === 0) return { type: 'sentence', text: texts.questionWanted }
    const text = words === '' ? defaultQuestion : words
    const chosen = chooseClips(text, thread, clipIds)
    if (chosen.type === 'no-such-clip') return { type: 'sentence', text: texts.noSuchClip(thread.clips.length) }
    return { type: 'question', thread: addQuestion(thread, text, chosen.clipIds, message.id), options }
  }
}

/** More about the clips that an answer was about. */
export function prepareMoreDetail({ id, about }: FollowUp, detailQuestion: string): Prepare {
  return (thread, texts, options) => {
    const kept = findAnswer(thread, id)
    if (kept !== null) return { type: 'answered', text: kept.text }
    const meant = findQuestion(thread, about)
    if (meant === null && about !== undefined) return { type: 'sentence', text: texts.nothingToRepeat }
    const clipIds = about === undefined ? currentClipIds(thread) : heldOf(thread, meant?.clipIds ?? [])
    if (clipIds.length === 0) return { type: 'sentence', text: texts.clipWanted }
    return { type: 'question', thread: addQuestion(thread, detailQuestion, clipIds, id), options }
  }
}

/**
 * A question once more, in other words of the model. The last one makes room for its new answer; an earlier one is asked
 * again at the end, since others have built on it.
 * @param seed chooses the words
 */
export function prepareRetry({ about }: FollowUp, seed: number): Prepare {
  return (thread, texts, options) => {
    const question = findQuestion(thread, about)
    if (question === null) return { type: 'sentence', text: texts.nothingToRepeat }
    const { text, questionId } = question
    const held = heldOf(thread, question.clipIds)
    if (held.length === 0) return { type: 'sentence', text: texts.clipWanted }
    const last = takeBackLastQuestion(thread)
    const before = last?.question === question ? last.thread : thread
    const temperature = Math.max(options.temperature ?? 0, RETRY_TEMPERATURE)
    return {
      type: 'question',
      thread: addQuestion(before, text, held, questionId),
      options: { ...options, temperature, seed },
    }
  }
}

function heldOf({ clips }: Thread, clipIds: readonly string[]): readonly string[] {
  return clipIds.filter((id) => clips.some((clip) => clip.id === id))
}
