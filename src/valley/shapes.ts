// The dimension letters that every comment of this room uses, and their values for one model, read from its manifest.
//
//   T   frames of a clip                      V   vocabulary: rows of the output, at least the tokenizer's
//   P   patches of one frame                  L   decoder layers
//   F   features of one frame: P, or 1 + P with the frame's own first
//   Dv  width of the vision encoder           Hkv key/value heads of the decoder
//   Dl  width of the language side            Dh  width of one head
//   S   tokens in one run of the decoder      C   rows that a KV cache has room for
//   X   side of the square input, pixels
import type { ModelManifest } from '../model-package/manifest.ts'

/** The sizes of one model under their letters; T, S and C vary from call to call. */
export interface Shapes {
  readonly X: number
  readonly P: number
  readonly F: number
  readonly Dv: number
  readonly Dl: number
  readonly V: number
  readonly L: number
  readonly Hkv: number
  readonly Dh: number
}

/** Reads the sizes of a model from its manifest. */
export function shapesOf(manifest: ModelManifest): Shapes {
  const { vision, language } = manifest
  return {
    X: vision.imagePixels,
    P: vision.patches,
    F: vision.patches + (vision.classFeature ? 1 : 0),
    Dv: vision.width,
    Dl: language.width,
    V: language.vocabulary,
    L: language.layers,
    Hkv: language.keyValueHeads,
    Dh: language.headWidth,
  }
}
