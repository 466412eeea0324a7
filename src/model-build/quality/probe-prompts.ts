// The probe set as prompts of one model: what is read before the answer, and the answer's own tokens.
import type { PromptToken } from '../../valley/placeholders.ts'
import type { PromptBuilder } from '../../valley/prompt.ts'
import type { VisualTokens } from '../../valley/visual-tokens.ts'
import { PROBE_CASES } from './probe-set.ts'

/** One conversation. */
export interface ProbePrompt {
  readonly prompt: readonly PromptToken[]
  /** Ids of the answer, each of which is predicted from what stands before it. */
  readonly answer: readonly number[]
}

/**
 * Writes the probe set as a model reads it. Answers are cut where the context ends.
 * @param clip the probe frames as this model, or its reference, sees them
 * @throws AppError QUESTION_INVALID, PLACEHOLDER_MISMATCH
 */
export function probePrompts(prompts: PromptBuilder, clip: VisualTokens, context: number): ProbePrompt[] {
  return PROBE_CASES.map(({ withClip, question, answer }) => {
    const text = { type: 'text' as const, text: question }
    const content = withClip ? [{ type: 'clip' as const, clip }, text] : [text]
    const prompt = prompts.build([{ role: 'user', content }])
    const room = Math.max(0, context - prompt.length)
    return { prompt, answer: prompts.tokenizer.encode(answer, false).slice(0, room) }
  }).filter(({ answer }) => answer.length > 0)
}
