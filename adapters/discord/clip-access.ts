// Whether a person may see the post of a clip that a conversation holds.
import type { Client } from 'discord.js'
import type { IncomingClip } from '../../src/conversation/clip.ts'
import type { Request } from '../../src/conversation/message.ts'
import { mayRead } from './permissions.ts'
import { PLATFORM } from './places.ts'

/**
 * True for a clip of the conversation's own channel, of the one above its thread, or of a command there; for one that a
 * link or a reply brought from elsewhere Discord is asked.
 * @param client null while there is no connection; then nothing from elsewhere may be seen
 */
export async function maySeeClip(
  client: Client | null,
  { handle }: IncomingClip,
  { channelId, parentChannelId, userId }: Request,
): Promise<boolean> {
  const [origin = ''] = handle.split('/')
  if (origin === 'option' || [channelId, parentChannelId].includes(`${PLATFORM}:${origin}`)) return true
  return client !== null && mayRead(client, userId.slice(PLATFORM.length + 1), origin)
}
