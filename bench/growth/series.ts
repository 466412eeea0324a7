// What cost grows with: frames, context, the clip's length, threads. Each series is one program that does one task at several
// sizes.
import type { Measurement } from '../measurements.ts'
import type { Task } from '../runners/serve.ts'

/** One picture: lines over a size. */
export interface GrowthSeries {
  readonly name: string
  /** Of the picture, e.g. `Seconds to look at a clip, by its frames`. */
  readonly title: string
  readonly what: Pick<Measurement, 'shape' | 'precision' | 'measured' | 'runners'>
  /** The sizes, ascending, each with its task. */
  readonly points: readonly { readonly size: number; readonly task: Task }[]
  readonly lines: readonly GrowthLine[]
}

/** A line of a picture. */
export interface GrowthLine {
  readonly what: string
  readonly unit: string
  /** The value at a size, from what the program answered. */
  readonly valueOf: (figures: Readonly<Record<string, number>>, size: number) => number
}

const TASK: Task = { kind: 'own', promptTokens: 0, newTokens: 0, frames: 0, threads: 1 }
const LENGTHS = [1, 3, 10, 30, 90, 180]

/** Every series by its name on the command line. */
export const GROWTH: readonly GrowthSeries[] = [
  {
    name: 'frames',
    title: 'Time to look at a clip, by how many frames of it (CLIP ViT-L/14, int8)',
    what: { shape: 'clip-l', precision: 'int8', measured: true, runners: ['valley'] },
    points: [1, 2, 4, 8, 16, 32].map((size) => ({ size, task: { ...TASK, kind: 'tower', frames: size } })),
    lines: [
      { what: 'look at a clip', unit: 'ms', valueOf: ({ framesPerSecond }, size) => (1000 * size) / framesPerSecond! },
    ],
  },
  {
    name: 'context',
    title: 'Tokens a second, by the length of the context in tokens (Qwen2-0.5B shape, int4)',
    what: { shape: 'qwen2-0.5b', precision: 'int4', runners: ['valley'] },
    points: [128, 256, 512, 1024, 2048, 3584].map((size) => ({
      size,
      task: { ...TASK, kind: 'prompt', promptTokens: size, newTokens: 32 },
    })),
    lines: [
      { what: 'prefill', unit: 'tokens/s', valueOf: ({ prefillPerSecond }) => prefillPerSecond! },
      { what: 'decode', unit: 'tokens/s', valueOf: ({ decodePerSecond }) => decodePerSecond! },
    ],
  },
  {
    name: 'length',
    title: 'Time from a clip file to 16 frames of it, by its length in minutes (720p H.264, GOP 250)',
    what: { shape: 'small', precision: 'int4', runners: ['clip-lengths'] },
    points: LENGTHS.map((size) => ({ size, task: { ...TASK, frames: 16, minutes: [size] } })),
    lines: [
      { what: 'to the last frame', unit: 'ms', valueOf: (figures, size) => figures[`minutes${size}Ms`]! },
      { what: 'of it, to open the clip', unit: 'ms', valueOf: (figures, size) => figures[`open${size}Ms`]! },
    ],
  },
  {
    name: 'threads',
    title: 'Tokens a second of all threads together, by how many answer at once (Qwen2-0.5B shape, int4)',
    what: { shape: 'qwen2-0.5b', precision: 'int4', runners: ['valley'] },
    points: [1, 2, 4, 8].map((size) => ({
      size,
      task: { ...TASK, kind: 'threads', promptTokens: 128, newTokens: 32, threads: size },
    })),
    lines: [
      { what: 'all together', unit: 'tokens/s', valueOf: ({ togetherPerSecond }) => togetherPerSecond! },
      {
        what: 'each',
        unit: 'tokens/s',
        valueOf: ({ togetherPerSecond }, size) => togetherPerSecond! / size,
      },
    ],
  },
]
