// Opens a file as Valley opens a clip of a stranger, looks at a few pictures, and says what came of it.
import { AppError, ERROR_CODES } from '../../src/errors.ts'
import { DEFAULT_VIDEO_LIMITS } from '../../src/video/limits.ts'
import { openClip } from '../../src/video/open-clip.ts'
import { INSTALLED_TOOLS, pixelOf } from '../helpers/make-clips.ts'

/** What came of a file: the code of its refusal, or the colours of the first pixels of the frames that it gave. */
export type Outcome = { readonly refused: string } | { readonly colours: readonly string[] }

/** Looked at of each file. */
const FRAMES = 2
/** Far above what a good clip of the corpus takes; far below the product's own. */
const LIMITS = { ...DEFAULT_VIDEO_LIMITS, processTimeoutMs: 30_000, processCpuSeconds: 20 }
const EXPECTED: ReadonlySet<string> = new Set<string>([...ERROR_CODES.clip, 'TIMED_OUT'])

/**
 * Opens one file.
 * @param temporaryFolder where Valley works; empty again afterwards when nothing leaks
 * @throws whatever is no refusal of a clip: a crash of ours
 */
export async function tryClip(path: string, temporaryFolder: string): Promise<Outcome> {
  try {
    const clip = await openClip(path, { tools: INSTALLED_TOOLS, limits: LIMITS, temporaryFolder })
    try {
      const colours: string[] = []
      for await (const frame of clip.decode(clip.sample({ mode: 'uniform', count: FRAMES }))) {
        colours.push(pixelOf(frame).join())
      }
      return { colours }
    } finally {
      await clip.close()
    }
  } catch (error) {
    if (error instanceof AppError && EXPECTED.has(error.code)) return { refused: error.code }
    throw error
  }
}
