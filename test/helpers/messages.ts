// Messages of a made-up platform.
import type { IncomingClip } from '../../src/conversation/clip.ts'
import type { IncomingMessage, Request } from '../../src/conversation/message.ts'

let requestCount = 0

/** A request of the platform `test`. */
export function request(changes: Partial<Request> = {}): Request {
  requestCount += 1
  return { id: `test:${requestCount}`, threadId: 'test:one', channelId: 'test:here', userId: 'test:ann', ...changes }
}

/** A post with the clips of these handles. */
export function message(text: string, handles: readonly string[] = [], changes: Partial<IncomingMessage> = {}) {
  return { ...request(changes), text, clips: handles.map(clip), ...changes } satisfies IncomingMessage
}

/** A clip of the platform `test`. */
export function clip(handle: string): IncomingClip {
  return { platform: 'test', handle }
}
