// How datasets have a model package describe clips that have no captions.
import { localClip } from '../conversation/locate-clip.ts'
import type { Describer } from '../data/draft-captions.ts'
import { AppError } from '../errors.ts'
import type { openAnswerer } from './open-answerer.ts'

/** What is asked of a clip unless somebody wants to know something else. */
export const DESCRIBE_QUESTION = 'Describe what happens in the clip.'

/** Describes clips by a model that is open. */
export function describerOf(
  answerer: ReturnType<typeof openAnswerer>,
  question: string,
  signal: AbortSignal,
): Describer {
  return async (path) => {
    const clip = { type: 'clip', clip: { id: 'clip-1', ...localClip(path) } } as const
    const content = [clip, { type: 'text', text: question } as const]
    const asked = { threadId: `draft:${path}`, messages: [{ role: 'user' as const, content }], options: {} }
    try {
      for await (const event of answerer.answer(asked, signal)) {
        if (event.type === 'end') return { caption: event.report.answer, model: event.report.model }
      }
    } finally {
      await answerer.forget(asked.threadId)
    }
    signal.throwIfAborted()
    throw new AppError('INFERENCE_FAILED', `The description of ${path} never ended. This is a fault of Valley.`)
  }
}
