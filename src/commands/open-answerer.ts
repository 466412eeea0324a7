// Puts the answerer together from settings: video tools, downloads, engine, model package.
import { ClipAnswerer } from '../answering/clip-answerer.ts'
import type { ClipOpener } from '../answering/look-at-clip.ts'
import type { Config } from '../config/config.ts'
import type { ClipLimits } from '../conversation/answerer.ts'
import type { ClipLocator } from '../conversation/clip.ts'
import { locateLocalClip } from '../conversation/locate-clip.ts'
import { openEngine } from '../engine/engine.ts'
import type { Engine } from '../engine/engine-api.ts'
import type { Logger } from '../logger.ts'
import { DecoderRoom } from '../video/decoder-room.ts'
import { downloadClip } from '../video/download-clip.ts'
import { DEFAULT_DOWNLOAD_LIMITS } from '../video/download-limits.ts'
import { DEFAULT_VIDEO_LIMITS, type VideoLimits } from '../video/limits.ts'
import { openClip } from '../video/open-clip.ts'
import { removeStaleFolders } from '../video/stale-folders.ts'
import { videoToolsOf } from './video-tools.ts'

const MEBIBYTE = 1024 * 1024

/** What differs between the commands that answer. */
export interface OpenAnswererOptions {
  /** Default for clips on this machine. */
  readonly locateClip?: ClipLocator
  /** Hosts that clips may be fetched from by plain http and at addresses that are not public; default none. */
  readonly trustedHosts?: readonly string[]
  /** Puts something between the answerer and what opens clips; default nothing. */
  readonly wrapOpener?: (openClip: ClipOpener) => ClipOpener
  /** The model, where others use it too; closed with the answerer. Default one of its own. */
  readonly engine?: Promise<Engine>
}

/**
 * Begins to load a model package; the caller closes the engine.
 * @param logger is told what the model computes on, and why; default nobody
 * @throws AppError what is wrong with the package; DEVICE_UNAVAILABLE
 */
export function openConfiguredEngine(packageDirectory: string, config: Config, logger?: Logger): Promise<Engine> {
  const { device, threads, memoryMiB, gpuMemoryMiB, dataDirectory } = config
  let onGpu = false
  return openEngine({
    packageDirectory,
    parkingFolder: dataDirectory,
    device,
    onDevice: ({ name, reason }) => {
      // Told again of what a GPU is used for, and when it has failed.
      logger?.[onGpu && name === 'cpu' ? 'warn' : 'info']({ device: name, reason }, 'the model computes here')
      onGpu = name !== 'cpu'
    },
    ...(threads === null ? {} : { threads }),
    ...(memoryMiB === null ? {} : { memoryBytes: memoryMiB * MEBIBYTE }),
    ...(gpuMemoryMiB === null ? {} : { maxGpuBytes: gpuMemoryMiB * MEBIBYTE }),
  })
}

/**
 * Begins to load a model package and returns at once; the first question waits for it. The caller closes the answerer.
 * @param packageDirectory folder of the package; what is wrong with it is thrown to the first question
 */
export function openAnswerer(
  packageDirectory: string,
  config: Config,
  {
    locateClip = locateLocalClip,
    trustedHosts = [],
    wrapOpener = (opener) => opener,
    engine = openConfiguredEngine(packageDirectory, config),
  }: OpenAnswererOptions = {},
): ClipAnswerer {
  // Clips that a killed process left on the disk; nobody waits for it.
  void removeStaleFolders()
  const tools = videoToolsOf(config)
  const room = new DecoderRoom()
  const limitsFor = (narrower: ClipLimits): VideoLimits => ({
    ...DEFAULT_VIDEO_LIMITS,
    maxClipBytes: Math.min(config.limits.maxClipBytes, narrower.maxClipBytes ?? Number.POSITIVE_INFINITY),
    maxDurationSeconds: Math.min(
      config.limits.maxDurationSeconds,
      narrower.maxDurationSeconds ?? Number.POSITIVE_INFINITY,
    ),
  })
  return new ClipAnswerer({
    engine,
    locateClip,
    downloadClip: (source, watch, clipLimits) => {
      const { maxClipBytes } = limitsFor(clipLimits)
      return downloadClip(source, { ...watch, trustedHosts, limits: { ...DEFAULT_DOWNLOAD_LIMITS, maxClipBytes } })
    },
    openClip: wrapOpener((path, signal, clipLimits) =>
      openClip(path, { tools, signal, room, limits: limitsFor(clipLimits) }),
    ),
  })
}
