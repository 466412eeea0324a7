// A yes/no question about a clip, answered by probabilities: how much of what the model would say begins with yes, of all
// that begins with yes or no. The words of an answer are never read.
import type { ContinuationScore, Engine } from '../engine/engine-api.ts'

/** An answer as numbers. */
export interface YesNoScore {
  /** Share of yes among yes and no, in [0, 1]. */
  readonly score: number
  /** Probability that the answer is yes or no at all; near 0 the score means nothing. */
  readonly decided: number
}

/** Spellings that models begin their answers with; tokenizers tell apart a word at the start and one after a space. */
const YES = ['Yes', ' Yes', 'yes', ' yes', 'YES']
const NO = ['No', ' No', 'no', ' no', 'NO']
/**
 * A spelling that begins less likely than this is not followed: most spellings are several tokens of which the first is next
 * to impossible, and each further token is a step of the decoder. Ten of them together change a score by less than 2e-5.
 */
const LEAST_LOG_PROBABILITY = Math.log(1e-6)

/**
 * Asks about a clip whose visual tokens are kept.
 * @param threadId memory that questions about the same clip share
 * @throws as Engine.score
 */
export async function askYesNo(
  engine: Pick<Engine, 'score'>,
  threadId: string,
  clipKey: string,
  question: string,
  signal?: AbortSignal,
): Promise<YesNoScore> {
  const scores = await engine.score({
    threadId,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'clip', key: clipKey },
          { type: 'text', text: question },
        ],
      },
    ],
    continuations: [...YES, ...NO],
    leastLogProbability: LEAST_LOG_PROBABILITY,
    ...(signal === undefined ? {} : { signal }),
  })
  const yes = probabilityOfAny(scores.slice(0, YES.length))
  const no = probabilityOfAny(scores.slice(YES.length))
  return { score: yes + no > 0 ? yes / (yes + no) : 0, decided: Math.min(1, yes + no) }
}

/** Probability that an answer begins with any of them: one that begins with another of them is part of that one. */
export function probabilityOfAny(scores: readonly ContinuationScore[]): number {
  const apart = scores.filter(({ tokenIds }, place) =>
    scores.every((other, index) => {
      if (index === place || !beginsWith(tokenIds, other.tokenIds)) return true
      return tokenIds.length === other.tokenIds.length && place < index
    }),
  )
  return apart.reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0)
}

function beginsWith(ids: readonly number[], beginning: readonly number[]): boolean {
  return beginning.length <= ids.length && beginning.every((id, place) => id === ids[place])
}
