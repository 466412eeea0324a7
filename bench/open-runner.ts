// Starts the process that measures, with what it works on made ready.
import { join } from 'node:path'
import { buildShape } from './build-shape.ts'
import { installPeers } from './install-peers.ts'
import { writeClipsOfLengths, writeTwoMinutes } from './long-clip.ts'
import type { Measurement, RunnerName } from './measurements.ts'
import { Runner } from './runner.ts'
import { SHAPES } from './shapes.ts'
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

/** What a measurement says of what its runners work on. */
type RunnerSubject = Pick<Measurement, 'shape' | 'precision' | 'measured' | 'task'>

/** Starts a runner for a measurement and waits until it is ready. */
export async function openRunner(name: RunnerName, measurement: RunnerSubject, options: BenchOptions): Promise<Runner> {
  const { shape } = measurement
  const script = (file: string) => join(import.meta.dirname, 'runners', file)
  const threads = String(options.threads)
  if (name === 'pytorch') {
    return Runner.open(name, options.python, [script('pytorch.py'), JSON.stringify(SHAPES[shape].tower), threads])
  }
  const isTransformersJs = name === 'transformers-js' || name === 'transformers-js-fp16'
  if (name === 'node-llama-cpp' || isTransformersJs) await installPeers()
  const subject = await subjectOf(name, measurement, options.folder)
  const flags = ['--import', import.meta.resolve('tsx')]
  if (name === 'valley-gpu') {
    return Runner.open(name, process.execPath, [...flags, script('valley.ts'), subject, threads, 'webgpu'])
  }
  const file = isTransformersJs ? 'transformers-js.ts' : `${name}.ts`
  return Runner.open(name, process.execPath, [...flags, script(file), subject, threads])
}

/** The file or folder that a runner works on, made when it is not there. */
function subjectOf(
  name: RunnerName,
  { shape, precision, measured = false, task }: RunnerSubject,
  folder: string,
): Promise<string> {
  if (name === 'clip-decode') return writeTwoMinutes(folder)
  if (name === 'clip-lengths') return writeClipsOfLengths(folder, task.minutes ?? [])
  if (name === 'node-llama-cpp') return writeGguf(folder, shape, SHAPES[shape].language)
  if (name === 'transformers-js') return writeTransformersJs(folder, { name: shape, measured })
  if (name === 'transformers-js-fp16') return writeTransformersJs(folder, { name: shape, measured, tower: 'float16' })
  return buildShape(folder, shape, precision, measured)
}
