// An engine fetches clips by itself, with the rules of every download, but only the bot can ask the platform where one is.
// So it asks the bot, when it needs a clip that it has not looked at yet. The answer may hold a token: it is sealed, lives
// for seconds, and goes to the one who asked.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClipLocation, ClipLocator, IncomingClip } from '../conversation/clip.ts'
import { AppError, deserializeError, type SerializedError, serializeError } from '../errors.ts'
import type { Sealer } from './sealed-text.ts'
import type { ClusterMessage } from './wire.ts'

/** Puts a message into somebody's inbox. */
export type Post = (memberId: string, message: ClusterMessage) => Promise<void>

type SealedLocation = { readonly location: ClipLocation } | { readonly error: SerializedError }

/** A platform may take its time; a message that was lost is sent once more. */
const ANSWER_LIMIT_MS = 15_000
const TRIES = 2
/** Stands between the bot that can locate a clip and its platform; no platform's name has it. */
const AT = '@'

/** The clip as it travels to an engine: it says which bot can locate it. */
export function clipOfBot<Clip extends IncomingClip>(clip: Clip, botId: string): Clip {
  return { ...clip, platform: `${clip.platform}${AT}${botId}` }
}

/** Locates clips for an engine. */
export class RemoteClipLocator {
  readonly #engineId: string
  readonly #post: Post
  readonly #sealer: Sealer
  readonly #waiting = new Map<string, (sealed: string) => void>()

  constructor(engineId: string, post: Post, sealer: Sealer) {
    this.#engineId = engineId
    this.#post = post
    this.#sealer = sealer
  }

  /** @throws AppError what the platform said, or CLIP_UNREACHABLE when the bot does not answer; signal.reason */
  readonly locate: ClipLocator = async ({ platform, ...clip }, signal) => {
    const [name = '', botId = ''] = platform.split(AT)
    for (let tries = 0; tries < TRIES; tries += 1) {
      const location = await this.#ask(botId, { ...clip, platform: name }, signal)
      if (location !== null) return location
    }
    throw new AppError(
      'CLIP_UNREACHABLE',
      `The bot ${botId} did not say within ${(TRIES * ANSWER_LIMIT_MS) / 1000} s where a clip is; it must run and have the same VALLEY_CLUSTER_KEY. Ask again later.`,
      { details: { bot: botId }, retryable: true },
    )
  }

  /** A bot has answered. */
  located(requestId: string, sealed: string): void {
    this.#waiting.get(requestId)?.(sealed)
  }

  async #ask(botId: string, clip: IncomingClip, signal: AbortSignal): Promise<ClipLocation | null> {
    const requestId = randomUUID()
    const done = new AbortController()
    try {
      const answer = new Promise<string>((resolve) => this.#waiting.set(requestId, resolve))
      await this.#post(botId, { type: 'locate', requestId, engineId: this.#engineId, clip })
      const tooLate = sleep(ANSWER_LIMIT_MS, null, { ref: false, signal: AbortSignal.any([signal, done.signal]) })
      const sealed = await Promise.race([answer, tooLate])
      const text = sealed === null ? null : this.#sealer.open(sealed, requestId)
      if (text === null) return null
      const opened = JSON.parse(text) as SealedLocation
      if ('error' in opened) throw deserializeError(opened.error)
      return opened.location
    } catch (error) {
      signal.throwIfAborted()
      throw error
    } finally {
      this.#waiting.delete(requestId)
      done.abort()
    }
  }
}

/** Answers an engine that wants to know where a clip is. @param locate of the bot's adapters */
export async function answerLocate(
  { requestId, engineId, clip }: Extract<ClusterMessage, { type: 'locate' }>,
  locate: ClipLocator,
  sealer: Sealer,
  send: Post,
): Promise<void> {
  let answer: SealedLocation
  try {
    answer = { location: await locate(clip, AbortSignal.timeout(ANSWER_LIMIT_MS)) }
  } catch (error) {
    answer = { error: serializeError(error) }
  }
  await send(engineId, { type: 'located', requestId, sealed: sealer.seal(JSON.stringify(answer), requestId) })
}
