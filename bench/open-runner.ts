// Starts the process that measures, with what it works on made ready.
import { join } from 'node:path'
import type { Precision } from '../src/model-build/precision.ts'
import { buildShape } from './build-shape.ts'
import { installPeers } from './install-peers.ts'
import { writeClipsOfLengths, writeTwoMinutes } from './long-clip.ts'
import type { Measurement, RunnerName } from './measurements.ts'
import { Runner } from './runner.ts'
import { SHAPES, type ShapeName } from './shapes.ts'
import { writeGguf } from './write-gguf.ts'
import { writeTransformersJs } from './write-transformers-js.ts'

/** What the person at the keyboard chose. */
export interface BenchOptions {
  /** Turns of each program. */
  readonly turns: number
  /** Threads of each program. */
  readonly threads: number
  /** A Python with torch and transformers. */
  readonly python: string
  /** Where models and clips lie that are measured. */
  readonly folder: string
}

/** Starts a runner for a measurement and waits until it is ready. */
export async function openRunner(
  name: RunnerName,
  { shape, precision, task }: Pick<Measurement, 'shape' | 'precision' | 'task'>,
  options: BenchOptions,
): Promise<Runner> {
  const script = (file: string) => join(import.meta.dirname, 'runners', file)
  const threads = String(options.threads)
  if (name === 'pytorch') {
    return Runner.open(name, options.python, [script('pytorch.py'), JSON.stringify(SHAPES[shape].tower), threads])
  }
  if (name === 'node-llama-cpp' || name === 'transformers-js') await installPeers()
  const subject = await subjectOf(name, shape, precision, task.minutes ?? [], options.folder)
  const flags = ['--import', import.meta.resolve('tsx')]
  if (name === 'valley-gpu') {
    return Runner.open(name, process.execPath, [...flags, script('valley.ts'), subject, threads, 'webgpu'])
  }
  return Runner.open(name, process.execPath, [...flags, script(`${name}.ts`), subject, threads])
}

/** The file or folder that a runner works on, made when it is not there. */
function subjectOf(
  name: RunnerName,
  shape: ShapeName,
  precision: Precision,
  minutes: readonly number[],
  folder: string,
): Promise<string> {
  if (name === 'clip-decode') return writeTwoMinutes(folder)
  if (name === 'clip-lengths') return writeClipsOfLengths(folder, minutes)
  if (name === 'node-llama-cpp') return writeGguf(folder, shape, SHAPES[shape].language)
  if (name === 'transformers-js') return writeTransformersJs(folder, shape)
  return buildShape(folder, shape, precision)
}
