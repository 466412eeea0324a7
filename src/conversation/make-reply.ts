// How a question ended becomes what the person reads.
import { AppError, ERROR_CODES, type ErrorCode } from '../errors.ts'
import type { AnswerReport } from './answerer.ts'
import type { Answered } from './ask-answerer.ts'
import { clockTime } from './clock-time.ts'
import type { Reply, ReplyAction, Storyboard } from './message.ts'
import type { Texts } from './texts/texts.ts'
import type { Thread } from './thread.ts'

const AFTER_AN_ANSWER: readonly ReplyAction[] = ['more-detail', 'try-again', 'forget']
const AGAIN: readonly ReplyAction[] = ['try-again']

/** What asking once more will not change. */
const LASTING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...ERROR_CODES.clip.filter((code) => code !== 'CLIP_UNREACHABLE'),
  ...ERROR_CODES.question,
])

/** The reply to a question that the model answered, wholly or up to where it was stopped. */
export function answerReply({ report, droppedTurns, droppedClips }: Answered, texts: Texts): Reply {
  const notices = [
    ...(droppedTurns > 0 ? [texts.turnsDropped(droppedTurns)] : []),
    ...(droppedClips > 0 ? [texts.clipsDropped(droppedClips)] : []),
  ]
  const hasWords = report.answer.trim() !== ''
  if (report.finish === 'cancelled') {
    const text = hasWords ? report.answer : texts.cancelled
    return { kind: 'cancelled', text, notices, actions: AGAIN, report }
  }
  if (!hasWords) return { kind: 'answer', text: texts.noAnswer, notices, actions: AGAIN, report }
  return {
    kind: 'answer',
    text: report.answer,
    notices: report.finish === 'length' ? [...notices, texts.cutShort] : notices,
    actions: AFTER_AN_ANSWER,
    report,
    ...storyboardOf(report, texts),
  }
}

/** The reply to a question whose answer was kept already. */
export function keptReply(text: string): Reply {
  return { kind: 'answer', text, notices: [], actions: AFTER_AN_ANSWER }
}

/** The reply to a question that lacks something. */
export function incompleteReply(text: string): Reply {
  return { kind: 'incomplete', text, notices: [], actions: [] }
}

/** The reply to a question that was stopped before the first word. */
export function cancelledReply(texts: Texts): Reply {
  return { kind: 'cancelled', text: texts.cancelled, notices: [], actions: AGAIN }
}

/**
 * The reply to a question that failed: the sentence for its code and nothing of its cause.
 * @param asked the thread with its question; when that is about several clips, the sentence says which one it means
 */
export function refusalReply(error: unknown, texts: Texts, asked?: Thread): Reply {
  const code = codeOf(error)
  const { who, waitSeconds, clipId } = error instanceof AppError ? error.details : {}
  let text = texts.errors[code]
  if (code === 'RATE_LIMITED' && (who === 'user' || who === 'group') && typeof waitSeconds === 'number') {
    text = texts.rateLimited(who, waitSeconds)
  }
  const clipIndex = asked?.clips.findIndex(({ id }) => id === clipId) ?? -1
  if (clipIndex >= 0 && (asked?.turns.at(-1)?.clipIds.length ?? 0) > 1) text = texts.aboutClip(clipIndex + 1, text)
  return { kind: 'refusal', text, notices: [], actions: LASTING.has(code) ? [] : AGAIN, code }
}

/** The code of anything thrown; a foreign error is a fault of ours. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof AppError ? error.code : 'INFERENCE_FAILED'
}

function storyboardOf({ storyboard }: AnswerReport, texts: Texts): { storyboard?: Storyboard } {
  if (storyboard === undefined) return {}
  const times = storyboard.frames.map(({ timeSeconds }) => clockTime(timeSeconds))
  return { storyboard: { ...storyboard, description: texts.storyboard(times) } }
}
