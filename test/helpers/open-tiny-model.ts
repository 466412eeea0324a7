// Tiny models opened for the tests of the pipeline, and what those tests compare.

import type { ModelPackage } from '../../src/model-package/model-package.ts'
import { openPackage } from '../../src/model-package/open-package.ts'
import { type Graphs, openGraphs } from '../../src/valley/graphs.ts'
import { type Shapes, shapesOf } from '../../src/valley/shapes.ts'
import type { VisualTokens } from '../../src/valley/visual-tokens.ts'
import type { Frame } from '../../src/video/frame.ts'
import { tinyReference } from './reference-tensors.ts'
import { buildTinyPackage, type TinyVariant } from './tiny-package.ts'

/** An open package of random weights with its graphs; the test closes the graphs. */
export interface TinyModel {
  readonly modelPackage: ModelPackage
  readonly graphs: Graphs
  readonly shapes: Shapes
}

/** Builds and opens a tiny model in fp32, one thread. */
export async function openTinyModel(variant: TinyVariant): Promise<TinyModel> {
  const modelPackage = await openPackage(await buildTinyPackage(variant))
  const graphs = await openGraphs(modelPackage, { intraOpThreads: 1 })
  return { modelPackage, graphs, shapes: shapesOf(modelPackage.manifest) }
}

/** A reference tensor's floats with its dimensions. */
export function referenceFloats(variant: TinyVariant, name: string): { dims: readonly number[]; data: Float32Array } {
  const { shape, values } = tinyReference(variant)[name]!
  return { dims: shape, data: Float32Array.from(values) }
}

/** A reference tensor's whole numbers. */
export function referenceIds(variant: TinyVariant, name: string): number[] {
  return [...tinyReference(variant)[name]!.values]
}

/** The visual tokens that PyTorch spliced into the reference prompt: patch rows, then frame rows. */
export function referenceVisualTokens(variant: TinyVariant): VisualTokens {
  const { dims, data: pooled } = referenceFloats(variant, 'pooled') // [P, Dl]
  const [patchCount = 0, width = 0] = dims
  const projected = referenceFloats(variant, 'projected') // [T, 1 + P, Dl]
  const [frameCount = 0, perFrame = 0] = projected.dims
  const rows = new Float32Array((patchCount + frameCount) * width)
  rows.set(pooled)
  for (let frame = 0; frame < frameCount; frame++) {
    const start = frame * perFrame * width // the class feature comes first
    rows.set(projected.data.subarray(start, start + width), (patchCount + frame) * width)
  }
  return { key: `reference-${variant}`, patchCount, frameCount, rows, pixelValues: null }
}

/** A frame of a repeatable pattern; different numbers give different pictures. */
export function patternFrame(number: number, widthPixels = 40, heightPixels = 30): Frame {
  const rgb = Uint8Array.from(
    { length: widthPixels * heightPixels * 3 },
    (_, at) => (at * (7 + number) + number * 31) % 256,
  )
  return { timeSeconds: number, widthPixels, heightPixels, rgb }
}
