// Where tokens stand when places have three parts, time, row and column, as in Qwen2-VL and Qwen2.5-VL: a word stands at the same number in
// all three, a visual token where it is in its clip, behind the words before. Then the place is no longer the number of the
// row in the KV cache. It follows from the tokens before alone, so the prompt says it, and behind the prompt each token stands
// one further than the last; the cache keeps by how much places are ahead of rows.
//
// As source: transformers up to 4 and the training of Qwen2.5-VL go on behind a clip at its largest place in any part. Differs
// from transformers 5, which leaves time out, so that the words behind a long clip stand in its middle.
import type { PromptToken, TokenPlace } from './placeholders.ts'

/** The tokens of a prompt with their places. */
export function placeTokens(tokens: readonly PromptToken[]): PromptToken[] {
  let next = 0
  let start = 0
  return tokens.map((token) => {
    const grid = token.visual?.clip.groups?.grid
    if (token.visual === null || grid === undefined) {
      const place: TokenPlace = [next, next, next]
      next += 1
      return { ...token, place }
    }
    const { row: index } = token.visual
    if (index === 0) start = next
    const within = index % (grid.rows * grid.columns)
    const place: TokenPlace = [
      start + Math.floor(Math.floor(index / (grid.rows * grid.columns)) * grid.placesApart),
      start + Math.floor(within / grid.columns),
      start + (within % grid.columns),
    ]
    next = Math.max(next, ...place.map((part) => part + 1))
    return { ...token, place }
  })
}

/**
 * Places of tokens that are about to be run.
 * @param next where the first stands if it does not say; the others stand one behind each other
 */
export function placesOf(tokens: readonly Pick<PromptToken, 'place'>[], next: number): TokenPlace[] {
  let behind = next
  return tokens.map(({ place = [behind, behind, behind] }) => {
    behind = place[0] + 1
    return place
  })
}
