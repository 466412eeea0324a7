// How datasets see whether two clips look the same: by the picture hash that moderation knows clips again by.
import type { Config } from '../config/config.ts'
import type { ClipEye } from '../data/alignment/near-clips.ts'
import { isAboutClip } from '../errors.ts'
import { hashPictures, looksAlike } from '../moderation/watch/picture-hash.ts'
import { openClip } from '../video/open-clip.ts'
import { videoToolsOf } from './video-tools.ts'

/** Looks at clips with the tools of these settings. */
export function clipEyeOf(config: Config, signal: AbortSignal): ClipEye {
  const tools = videoToolsOf(config)
  return {
    looksAlike,
    async look(path) {
      try {
        await using clip = await openClip(path, { tools, signal })
        return await hashPictures(clip, signal)
      } catch (error) {
        if (isAboutClip(error)) return null
        throw error
      }
    },
  }
}
