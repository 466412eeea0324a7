// What the checkpoint answered in float32, kept in the package: with it the package can be measured wherever it is, long
// after the checkpoint is gone. Small, because of each position only the likeliest tokens are kept.
import { z } from 'zod'
import { AppError } from '../../errors.ts'
import { halfToFloat32, toHalf } from '../float-formats.ts'

/** Name of the file in a package. */
export const QUALITY_FILE = 'quality-reference.json'
/** Tokens kept of each position; what lies beyond counts as one, so that the divergence is a lower bound. */
const KEPT_TOKENS = 64

const positionSchema = z.strictObject({
  /** The token that the text goes on with, and its log-probability. */
  target: z.int().nonnegative(),
  targetLogProbability: z.number(),
  /** Likeliest first. */
  ids: z.array(z.int().nonnegative()).min(1),
  logProbabilities: z.array(z.number()),
})

const schema = z.strictObject({
  formatVersion: z.literal(1),
  /** The clip's rows in groups, one a frame; Valley's pooled patches are the first. float16, base64. */
  visual: z.strictObject({ counts: z.array(z.int().positive()), rows: z.base64() }),
  /** For each conversation of the probe set, its measured positions. */
  cases: z.array(z.array(positionSchema)),
})

/** One measured position. */
export type ReferencePosition = z.infer<typeof positionSchema>
/** The file. */
export type QualityReference = z.infer<typeof schema>

/** Reads the file's text. @throws AppError PACKAGE_CORRUPT */
export function parseQualityReference(directory: string, text: string): QualityReference {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError(
      'PACKAGE_CORRUPT',
      `The model package ${directory} is damaged: ${QUALITY_FILE} does not follow its format. Fetch or build the package again.`,
      { details: { directory }, cause },
    )
  }
}

/** Rows as the file keeps them. */
export function encodeRows(rows: Float32Array): string {
  return Buffer.from(Uint16Array.from(rows, toHalf).buffer).toString('base64')
}

/** Rows out of the file. */
export function decodeRows(text: string): Float32Array {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'))
  const rows = new Float32Array(bytes.length / 2)
  halfToFloat32(new Uint16Array(bytes.buffer, 0, rows.length), rows)
  return rows
}

/** What is kept of a position. */
export function referencePosition(logits: Float32Array, target: number): ReferencePosition {
  const logProbabilities = logSoftmax(logits)
  const ids = likeliest(logProbabilities, KEPT_TOKENS)
  return {
    target,
    targetLogProbability: rounded(logProbabilities[target]!),
    ids,
    logProbabilities: ids.map((id) => rounded(logProbabilities[id]!)),
  }
}

/** Natural logarithms of the probabilities that logits stand for. */
export function logSoftmax(logits: Float32Array): Float64Array {
  let most = Number.NEGATIVE_INFINITY
  for (const value of logits) most = Math.max(most, value)
  let sum = 0
  for (const value of logits) sum += Math.exp(value - most)
  const shift = most + Math.log(sum)
  return Float64Array.from(logits, (value) => value - shift)
}

/** Ids of the largest values, largest first. Few enough are kept that putting each in its place beats sorting them all. */
function likeliest(values: Float64Array, count: number): number[] {
  const ids: number[] = []
  for (let id = 0; id < values.length; id++) {
    if (ids.length === count && !(values[id]! > values[ids[count - 1]!]!)) continue
    let place = ids.length
    while (place > 0 && values[id]! > values[ids[place - 1]!]!) place--
    ids.splice(place, 0, id)
    if (ids.length > count) ids.pop()
  }
  return ids
}

function rounded(value: number): number {
  return Number(value.toFixed(7))
}
