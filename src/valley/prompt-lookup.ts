// Guesses what an answer says next by looking where its last words stood before: answers repeat what the prompt says, and
// themselves. A guess costs little to check, and only checked tokens are said.
// Follows "prompt lookup decoding" (apoorvumang/prompt-lookup-decoding).

/** Last tokens that must have stood somewhere before, longest first; one alone stands in too many places. */
const PHRASE_TOKENS = [3, 2]

/**
 * Guesses the next tokens.
 * @param ids of the prompt and of the answer so far
 * @param most tokens to guess, at least 0
 * @returns what followed the latest earlier place of the last tokens; empty when there is none
 */
export function guessNextIds(ids: readonly number[], most: number): number[] {
  for (const length of PHRASE_TOKENS) {
    const phrase = ids.length - length
    for (let at = phrase - 1; at >= 0; at--) {
      let same = 0
      while (same < length && ids[at + same] === ids[phrase + same]) same++
      if (same === length) return ids.slice(at + length, at + length + most)
    }
  }
  return []
}
