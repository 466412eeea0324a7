// Which adapter locates which clip.
import { isAbsolute } from 'node:path'
import { assert } from '../assert.ts'
import { AppError } from '../errors.ts'
import type { ChatAdapter } from './adapter.ts'
import type { ClipLocator, IncomingClip } from './clip.ts'

/** Name under which local clips travel when no adapter brought them. */
const LOCAL_PLATFORM = 'file'

/** A clip on this machine. @param path absolute */
export function localClip(path: string, platform = LOCAL_PLATFORM): IncomingClip {
  assert(isAbsolute(path), 'a local clip is named by its absolute path')
  return { platform, handle: path }
}

/** Locates clips made by localClip. Only for adapters and commands whose clips are all on this machine. */
export const locateLocalClip: ClipLocator = async ({ handle }) => ({ kind: 'file', path: handle })

/** Locates each clip through the adapter that brought it. */
export function locateByPlatform(adapters: readonly Pick<ChatAdapter, 'platform' | 'locateClip'>[]): ClipLocator {
  const locators = new Map(adapters.map(({ platform, locateClip }) => [platform, locateClip]))
  return async (clip, signal) => {
    const locate = locators.get(clip.platform)
    if (locate !== undefined) return locate(clip, signal)
    throw new AppError(
      'CLIP_MISSING',
      `A clip of the platform ${JSON.stringify(clip.platform)} is asked for; connected are ${[...locators.keys()].join(', ') || 'none'}. ` +
        'Connect that platform, or send the clip again.',
      { details: { platform: clip.platform } },
    )
  }
}
