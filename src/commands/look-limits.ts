// Bounds of a clip that rules look at: of one that is too long for people's questions its beginning is looked at all the same,
// since nobody is to keep a clip from being looked at by making it longer.
import type { Config } from '../config/config.ts'
import { DEFAULT_VIDEO_LIMITS, type VideoLimits } from '../video/limits.ts'

/** The operator's size; a length only where reading the pictures' times ends (maxPictures), for a policy bounds the look. */
export function lookLimits({ limits }: Pick<Config, 'limits'>): VideoLimits {
  return {
    ...DEFAULT_VIDEO_LIMITS,
    maxClipBytes: limits.maxClipBytes,
    maxDurationSeconds: Number.POSITIVE_INFINITY,
  }
}
