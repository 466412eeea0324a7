// What looks at clips of watched posts: the engine behind people's questions, downloads and video tools, put together from
// settings.
import type { Config } from '../config/config.ts'
import type { ClipLocator } from '../conversation/clip.ts'
import type { Engine } from '../engine/engine-api.ts'
import { behindPeople, type WhenIdle } from '../moderation/watch/behind-people.ts'
import type { LookPorts } from '../moderation/watch/look-at-record.ts'
import { DecoderRoom } from '../video/decoder-room.ts'
import { downloadClip } from '../video/download-clip.ts'
import { DEFAULT_DOWNLOAD_LIMITS } from '../video/download-limits.ts'
import { openClip } from '../video/open-clip.ts'
import { lookLimits } from './look-limits.ts'
import { videoToolsOf } from './video-tools.ts'

/** What they are made of. */
export interface LookSetup {
  readonly config: Config
  readonly engine: Engine
  /** Resolves while nobody's question runs or waits. */
  readonly whenIdle: WhenIdle
  readonly locateClip: ClipLocator
}

/** All that looking needs beside the rules and what is known of other clips. */
export function lookPorts({ config, engine, whenIdle, locateClip }: LookSetup): Omit<LookPorts, 'policy' | 'store'> {
  const { trustedHosts } = config
  const limits = lookLimits(config)
  const { maxClipBytes } = limits
  // Not the room of people's questions: a look waits for those to end with its decoder open, and they would wait for its end.
  const room = new DecoderRoom()
  return {
    engine: behindPeople(engine, whenIdle),
    fetchClip: async (clip, signal) => {
      const location = await locateClip(clip, signal)
      if (location.kind === 'file') return { path: location.path, remove: async () => {} }
      const { url, headers = {}, allowedHosts } = location
      const source = { url, headers, allowedHosts, statedBytes: clip.bytes }
      return downloadClip(source, { signal, trustedHosts, limits: { ...DEFAULT_DOWNLOAD_LIMITS, maxClipBytes } })
    },
    openClip: (path, signal) => openClip(path, { tools: videoToolsOf(config), signal, room, limits }),
  }
}
