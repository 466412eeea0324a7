// Where a clip can be had right now: its post is read again, since addresses on Discord's CDN are signed and expire.
import { type APIMessage, DiscordAPIError, type REST, Routes } from 'discord.js'
import type { ClipLocation, ClipLocator } from '../../src/conversation/clip.ts'
import { AppError } from '../../src/errors.ts'
import { contentOfApiMessage, findClips } from './parse-clips.ts'
import type { RememberedAddresses } from './remembered-addresses.ts'

/** What the locator works with. */
export interface ClipLocatorOptions {
  readonly rest: REST
  readonly remembered: RememberedAddresses
  readonly clipHosts: readonly string[]
}

/** Makes the locator of Discord's clips. */
export function createClipLocator({ rest, remembered, clipHosts }: ClipLocatorOptions): ClipLocator {
  return async ({ handle }, signal) => {
    const locate = (url: string): ClipLocation => ({ kind: 'address', url, allowedHosts: clipHosts })
    const [channelId = '', messageId = ''] = handle.split('/')
    if (channelId !== 'option') {
      const answer = await readPost(rest, channelId, messageId, signal)
      if (answer instanceof AppError) {
        const url = answer.code === 'CLIP_ACCESS_DENIED' ? remembered.get(handle) : null
        if (url === null) throw answer
        return locate(url)
      }
      const found = findClips(contentOfApiMessage(answer), clipHosts).find(({ clip }) => clip.handle === handle)
      if (found !== undefined) return locate(found.url)
    }
    // Files of commands are in no post, and without the intent the files of a post are not shown to us.
    const url = remembered.get(handle)
    if (url !== null) return locate(url)
    throw new AppError(
      'CLIP_MISSING',
      `Discord shows no clip ${JSON.stringify(handle)} any more: its file was removed, or it came with a command more than a day ago. Send it again.`,
      { details: { clip: handle } },
    )
  }
}

/** @returns the error to throw unless the clip's address is still known */
async function readPost(
  rest: REST,
  channelId: string,
  messageId: string,
  signal: AbortSignal,
): Promise<APIMessage | AppError> {
  const details = { clip: `${channelId}/${messageId}` }
  try {
    return (await rest.get(Routes.channelMessage(channelId, messageId), { signal })) as APIMessage
  } catch (cause) {
    signal.throwIfAborted()
    const status = cause instanceof DiscordAPIError ? cause.status : null
    if (status === 404) {
      return new AppError('CLIP_MISSING', `Discord has no post ${messageId} any more. Send the clip again.`, {
        details,
        cause,
      })
    }
    if (status === 401 || status === 403) {
      const permissions = 'ViewChannel and ReadMessageHistory'
      return new AppError(
        'CLIP_ACCESS_DENIED',
        `Discord refuses to show post ${messageId} of channel ${channelId} (HTTP ${status}). Give the bot ${permissions} there.`,
        { details, cause },
      )
    }
    throw new AppError('CLIP_UNREACHABLE', `Discord did not answer for post ${messageId}. Ask again in a moment.`, {
      details,
      cause,
      retryable: true,
    })
  }
}
