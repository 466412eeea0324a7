// Puts the answerer together from settings: video tools, engine, model package.
import { ClipAnswerer } from '../answering/clip-answerer.ts'
import type { Config } from '../config/config.ts'
import type { ClipLocator } from '../conversation/clip.ts'
import { locateLocalClip } from '../conversation/locate-clip.ts'
import { openEngine } from '../engine/engine.ts'
import { openClip } from '../video/open-clip.ts'
import { videoToolsOf } from './video-tools.ts'

/**
 * Begins to load a model package and returns at once; the first question waits for it. The caller closes the answerer.
 * @param packageDirectory folder of the package; what is wrong with it is thrown to the first question
 * @param locateClip default for clips on this machine
 */
export function openAnswerer(
  packageDirectory: string,
  config: Config,
  locateClip: ClipLocator = locateLocalClip,
): ClipAnswerer {
  const tools = videoToolsOf(config)
  return new ClipAnswerer({
    engine: openEngine({ packageDirectory, ...(config.threads === null ? {} : { threads: config.threads }) }),
    locateClip,
    openClip: (path, signal) => openClip(path, { tools, signal }),
  })
}
