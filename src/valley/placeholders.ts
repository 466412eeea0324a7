// The layout of a clip in the prompt, as text and as tokens. As source (RupertLuo/Valley at 83d794f), one clip reads
//
//   <im_start> P x <im_patch> <im_end> <vi_start> T x <vi_frame> <vi_end>
//
// with the names that the manifest gives. The markers keep their own embeddings, the placeholders get visual tokens. Where
// the manifest says so, the clip time of each frame stands before its placeholder, as words: 0.0<vi_frame>1.4<vi_frame>.
// Differs from source: there, a wrong count of frames is swallowed and the placeholders stay; here it is an error.
import { AppError } from '../errors.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import { secondsInTenths } from './number-words.ts'
import type { VisualTokens } from './visual-tokens.ts'

type Token = ModelManifest['tokens']['eos'][number]

/** Tokens of the layout, from the manifest. */
export type LayoutTokens = Readonly<
  Record<'patch' | 'patchStart' | 'patchEnd' | 'frame' | 'frameStart' | 'frameEnd', Token>
>

/** Valley's six tokens; null for a family that names its placeholders in prompt.clips. */
export function layoutTokensOf({ tokens }: Pick<ModelManifest, 'tokens'>): LayoutTokens | null {
  const { patch, patchStart, patchEnd, frame, frameStart, frameEnd } = tokens
  if (!patch || !patchStart || !patchEnd || !frame || !frameStart || !frameEnd) return null
  return { patch, patchStart, patchEnd, frame, frameStart, frameEnd }
}

/** A token's place in time, row and column; see token-places.ts. */
export type TokenPlace = readonly [number, number, number]

/** One position of a prompt: its token, and for a placeholder the visual token that replaces its embedding. */
export interface PromptToken {
  readonly id: number
  readonly visual: { readonly clip: VisualTokens; readonly row: number } | null
  /** Where it stands, in families whose places have three parts; behind the token before where it does not say. */
  readonly place?: TokenPlace
}

/** The block that stands for a clip in the text of a turn. */
export function visualBlockText(clip: VisualTokens, tokens: LayoutTokens): string {
  const { patch, patchStart, patchEnd, frame, frameStart, frameEnd } = tokens
  const patches = patchStart.text + patch.text.repeat(clip.patchCount) + patchEnd.text
  const frames =
    clip.frameTimesSeconds?.map((seconds) => secondsInTenths(seconds) + frame.text).join('') ??
    frame.text.repeat(clip.frameCount)
  return patches + frameStart.text + frames + frameEnd.text
}

/**
 * Gives each placeholder its visual token: the clips' blocks must stand in the prompt in the clips' order, whole.
 * @param ids the prompt's token ids
 * @param clips visual tokens in the order of their blocks
 * @returns one entry an id
 * @throws AppError PLACEHOLDER_MISMATCH for a block that is cut, has another size or has no clip, and for a clip without
 * a block
 */
export function placeVisualTokens(
  ids: readonly number[],
  clips: readonly VisualTokens[],
  tokens: LayoutTokens,
): PromptToken[] {
  const { patch, patchStart, patchEnd, frame, frameStart, frameEnd } = tokens
  const layoutIds = new Set([patch, patchStart, patchEnd, frame, frameStart, frameEnd].map(({ id }) => id))
  const placed: PromptToken[] = []
  let clipIndex = 0
  while (placed.length < ids.length) {
    const id = ids[placed.length]!
    if (!layoutIds.has(id)) {
      placed.push({ id, visual: null })
      continue
    }
    const clip = clips[clipIndex]
    if (clip === undefined) throw mismatch(placed.length, `block ${clipIndex + 1} has no clip`, clips.length)
    for (const token of blockTokens(clip, tokens)) {
      if (clip.frameTimesSeconds !== undefined && token.id === frame.id) {
        const time = wordsBefore(ids, placed.length, layoutIds)
        placed.push(...time.map((word) => ({ id: word, visual: null })))
      }
      if (token.id !== ids[placed.length]) {
        const expected = `1 + ${clip.patchCount} + 2 + ${clip.frameCount} + 1 tokens`
        throw mismatch(placed.length, `block ${clipIndex + 1} is not the ${expected} of its clip`, clips.length)
      }
      placed.push(token)
    }
    clipIndex++
  }
  if (clipIndex < clips.length) throw mismatch(ids.length, `clip ${clipIndex + 1} has no block`, clips.length)
  return placed
}

/** The ids from a position up to the next token of the layout. */
function wordsBefore(ids: readonly number[], start: number, layoutIds: ReadonlySet<number>): readonly number[] {
  const length = ids.slice(start).findIndex((id) => layoutIds.has(id))
  return ids.slice(start, length === -1 ? ids.length : start + length)
}

function blockTokens(clip: VisualTokens, tokens: LayoutTokens): PromptToken[] {
  const marker = ({ id }: { id: number }): PromptToken => ({ id, visual: null })
  const placeholders = (id: number, first: number, count: number): PromptToken[] =>
    Array.from({ length: count }, (_, index) => ({ id, visual: { clip, row: first + index } }))
  return [
    marker(tokens.patchStart),
    ...placeholders(tokens.patch.id, 0, clip.patchCount),
    marker(tokens.patchEnd),
    marker(tokens.frameStart),
    ...placeholders(tokens.frame.id, clip.patchCount, clip.frameCount),
    marker(tokens.frameEnd),
  ]
}

/** PLACEHOLDER_MISMATCH at a position of the prompt. */
export function mismatch(position: number, problem: string, clips: number): AppError {
  return new AppError(
    'PLACEHOLDER_MISMATCH',
    `Placeholders and visual tokens do not match at prompt position ${position}: ${problem}; expected one whole block for each of ${clips} clips. The package's chat template or tokenizer changes the blocks: build the package again.`,
    { details: { position, clips } },
  )
}
