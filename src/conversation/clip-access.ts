// Who may see a message decides who may ask about its clip, also after somebody else has brought that clip into a thread.
import { AppError } from '../errors.ts'
import type { ChatAdapter } from './adapter.ts'
import type { IncomingClip } from './clip.ts'
import type { Request } from './message.ts'
import type { Thread } from './thread.ts'

/** True when whoever asks may see the message in which a clip was shown. */
export type ClipAccess = (clip: IncomingClip, request: Request) => Promise<boolean>

/** Asks the adapter that brought the clip. Without a word from it, whoever is in the conversation's place may. */
export function accessByPlatform(adapters: readonly Pick<ChatAdapter, 'platform' | 'maySeeClip'>[]): ClipAccess {
  const byPlatform = new Map(adapters.map((adapter) => [adapter.platform, adapter]))
  return async (clip, request) => (await byPlatform.get(clip.platform)?.maySeeClip?.(clip, request)) ?? true
}

/** Ids of the thread's clips that whoever asks may not see. */
export async function hiddenClipIds(
  { clips }: Thread,
  request: Request,
  maySeeClip: ClipAccess,
): Promise<ReadonlySet<string>> {
  const hidden = await Promise.all(clips.map(async (clip) => ((await maySeeClip(clip, request)) ? [] : [clip.id])))
  return new Set(hidden.flat())
}

/**
 * The thread as whoever asks may see it; what was said of the other clips stays, since it stands in the conversation.
 * @param thread ends with the question
 * @throws AppError CLIP_MISSING when the question is about a hidden clip: that one is there is not told
 */
export function hideClips(thread: Thread, hidden: ReadonlySet<string>): Thread {
  if (thread.turns.at(-1)?.clipIds.some((id) => hidden.has(id))) {
    throw new AppError(
      'CLIP_MISSING',
      'A question is about a clip that was shown where the person who asks may not look. Ask about a clip that you can see.',
    )
  }
  return { ...thread, clips: thread.clips.filter(({ id }) => !hidden.has(id)) }
}

/** Puts hidden clips back in their places, for those who may see them. @param before the thread with all its clips */
export function restoreClips(thread: Thread, before: Thread, hidden: ReadonlySet<string>): Thread {
  const left = new Set([...hidden, ...thread.clips.map(({ id }) => id)])
  return { ...thread, clips: before.clips.filter(({ id }) => left.has(id)) }
}
