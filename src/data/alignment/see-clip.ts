// What a clip holds and looks like. It says nothing of other clips, so several machines may look, each at some of them; which of
// them are the same is for the one that has the table to say.
import { join } from 'node:path'
import { contentHash } from '../file-content.ts'
import type { ClipEye, ClipLook } from './near-clips.ts'

/** A clip that was looked for. */
export interface SeenClip {
  /** SHA-256 of its bytes; null for a clip that is missing. */
  readonly content: string | null
  /** Null where clips are not looked at, and for one that cannot be decoded. */
  readonly look: ClipLook | null
}

/** Looks at a clip, by its path below the folder of clips. @throws AppError DATASET_INVALID for one that cannot be read */
export type ClipSight = (clip: string) => Promise<SeenClip>

/** Looks in this process. @param eye null goes by bytes alone */
export function sightOf(clipsFolder: string, eye: Pick<ClipEye, 'look'> | null): ClipSight {
  return async (clip) => {
    const path = join(clipsFolder, clip)
    const content = await contentHash(path)
    return { content, look: content === null || eye === null ? null : await eye.look(path) }
  }
}
