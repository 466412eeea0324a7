// What the demonstration asks: `demo/demo.json` in a model package's folder, with the clips beside it.
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AppError } from '../errors.ts'

/** One bundled clip and what is asked about it, in order. */
export interface DemoScene {
  /** Absolute path. */
  readonly clipPath: string
  readonly questions: readonly string[]
}

/** Where a package keeps its demonstration. */
export const DEMO_FILE = join('demo', 'demo.json')

/**
 * Reads the demonstration of a package: one scene `{clip, turns}` or a list of them; `clip` is a file name beside
 * demo.json, a turn is a question or an object with a `question`.
 * @throws AppError PACKAGE_MISSING when the package has none, PACKAGE_CORRUPT when it is not of this form
 */
export async function readDemoScript(packageDirectory: string): Promise<DemoScene[]> {
  const file = resolve(packageDirectory, DEMO_FILE)
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError(
      'PACKAGE_MISSING',
      `The model package ${basename(packageDirectory)} has no ${DEMO_FILE}, so there is nothing to demonstrate. ` +
        'Use a package with a demo, or ask about a clip of your own with "valley ask".',
      { cause },
    )
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw corrupt(file, 'is not JSON', cause)
  }
  const scenes = (Array.isArray(json) ? json : [json]).map((scene: unknown) => readScene(scene, file))
  if (scenes.length === 0) throw corrupt(file, 'holds no scene')
  return scenes
}

function readScene(scene: unknown, file: string): DemoScene {
  const { clip, turns } = scene !== null && typeof scene === 'object' ? (scene as Record<string, unknown>) : {}
  if (typeof clip !== 'string' || clip === '' || basename(clip) !== clip) {
    throw corrupt(file, `names the clip ${JSON.stringify(clip)}; the name of a file beside it is allowed`)
  }
  if (!Array.isArray(turns) || turns.length === 0) throw corrupt(file, `has no list of turns for ${clip}`)
  const questions = turns.map((turn: unknown) => {
    const question = turn !== null && typeof turn === 'object' && 'question' in turn ? turn.question : turn
    if (typeof question !== 'string' || question.trim() === '') throw corrupt(file, `has a turn without a question`)
    return question
  })
  return { clipPath: join(dirname(file), clip), questions }
}

function corrupt(file: string, seen: string, cause?: unknown): AppError {
  return new AppError('PACKAGE_CORRUPT', `${file} ${seen}. Fetch or build the model package again.`, { cause })
}
