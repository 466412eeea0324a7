// A yes/no question answered by probabilities, in any language: how much of what the model would say begins with one of
// the words for yes, of all that begins with yes or no.
import type { ClipAnswerer } from '../answering/clip-answerer.ts'
import type { YesNoAsker } from '../evaluation/run-suite.ts'
import { probabilityOfAny } from '../moderation/ask-yes-no.ts'

/** Asks through an answerer. */
export function yesNoAskerOf(answerer: Pick<ClipAnswerer, 'score'>): YesNoAsker {
  return async (question, words, signal) => {
    const [yes, no] = [spellings(words.yes), spellings(words.no)]
    const { scores, model } = await answerer.score(question, [...yes, ...no], signal)
    const forYes = probabilityOfAny(scores.slice(0, yes.length))
    const forNo = probabilityOfAny(scores.slice(yes.length))
    return { score: forYes + forNo > 0 ? forYes / (forYes + forNo) : 0, model }
  }
}

/** As written and in small letters, at the start and after a space: tokenizers tell them apart. */
function spellings(words: readonly string[]): string[] {
  return [...new Set(words.flatMap((word) => [word, word.toLowerCase()]).flatMap((word) => [word, ` ${word}`]))]
}
