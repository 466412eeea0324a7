// Asks the answerer, and makes a thread that does not fit fit: the oldest turns go when the model's context is full, and an
// earlier clip goes when it can no longer be had. What the question itself is about never goes.
import { AppError } from '../errors.ts'
import type { AnswerEvent, Answerer, AnswerOptions, AnswerReport, ClipLimits, Question } from './answerer.ts'
import { buildMessages } from './build-messages.ts'
import { dropClip, dropOldestTurns, type Thread } from './thread.ts'

/** What is asked. */
export interface AskRequest {
  /** Ends with the question. */
  readonly thread: Thread
  /** Who asks. */
  readonly userId: string
  readonly options: AnswerOptions
  readonly systemPrompt?: string | undefined
  readonly clipLimits?: ClipLimits | undefined
  /** Draws the frames of the clips that the question is about. */
  readonly storyboard: boolean
  readonly emit: (event: Exclude<AnswerEvent, { type: 'end' }>) => void
  readonly signal: AbortSignal
}

/** What came of it. */
export interface Answered {
  /** As it was asked in the end. */
  readonly thread: Thread
  readonly droppedTurns: number
  readonly droppedClips: number
  readonly report: AnswerReport
}

/** Questions a thread remembers at most, whatever the model's context: bounds what one thread can hold in memory. */
export const MAX_QUESTIONS_KEPT = 50

/** @throws what the answerer throws, when dropping does not help */
export async function askAnswerer(answerer: Answerer, request: AskRequest): Promise<Answered> {
  const { userId, options, systemPrompt, clipLimits, emit, signal } = request
  let { thread } = request
  let droppedTurns = 0
  let droppedClips = 0
  for (; thread.turns.length > 2 * MAX_QUESTIONS_KEPT; droppedTurns++) thread = dropOldestTurns(thread) ?? thread
  const about = thread.turns.at(-1)?.clipIds ?? []
  for (;;) {
    let streamed = false
    try {
      const messages = buildMessages(thread, systemPrompt)
      const question: Question = {
        threadId: thread.id,
        userId,
        messages,
        options,
        ...(clipLimits === undefined ? {} : { clipLimits }),
        ...(request.storyboard ? { storyboardOf: about } : {}),
      }
      for await (const event of answerer.answer(question, signal)) {
        if (event.type === 'end') return { thread, droppedTurns, droppedClips, report: event.report }
        streamed ||= event.type === 'delta'
        emit(event)
      }
      throw new AppError('INFERENCE_FAILED', 'The answerer ended without a report. This is a fault of Valley.')
    } catch (error) {
      if (streamed || signal.aborted || !(error instanceof AppError)) throw error
      const lost = error.details.clipId
      if (typeof lost === 'string' && !about.includes(lost) && thread.clips.some(({ id }) => id === lost)) {
        thread = dropClip(thread, lost)
        droppedClips += 1
        continue
      }
      const shorter = error.code === 'CONTEXT_OVERFLOW' ? dropOldestTurns(thread) : null
      if (shorter === null) throw error
      thread = shorter
      droppedTurns += 1
    }
  }
}
