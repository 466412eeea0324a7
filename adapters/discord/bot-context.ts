// What every handler of events works with, while the bot is connected.
import type { Client } from 'discord.js'
import type { Conversation } from '../../src/conversation/adapter.ts'
import type { HeardPlaces } from '../../src/conversation/heard-places.ts'
import type { QuestionLedger } from '../../src/conversation/question-ledger.ts'
import type { Logger } from '../../src/logger.ts'
import type { ModerationDesk } from '../../src/moderation/platform/desk.ts'
import type { KnownLocales } from './known-locales.ts'
import type { FoundClip } from './parse-clips.ts'
import type { EventClaims } from './recent-events.ts'
import type { RememberedAddresses } from './remembered-addresses.ts'
import type { RunningQuestions } from './running-questions.ts'
import type { DiscordSettings } from './settings.ts'

/** One connection with all that belongs to it. */
export interface BotContext {
  readonly client: Client<true>
  readonly conversation: Conversation
  readonly settings: DiscordSettings
  readonly logger: Logger
  readonly events: EventClaims
  /** Questions that are not answered yet. */
  readonly ledger: QuestionLedger
  /** Where the bot was spoken to, and until when it listened. */
  readonly heard: HeardPlaces
  readonly questions: RunningQuestions
  readonly remembered: RememberedAddresses
  readonly locales: KnownLocales
  /** Hosts that clips may come from. */
  readonly clipHosts: readonly string[]
  /** True when posts that do not mention the bot can be read. */
  readonly readsAllPosts: boolean
  readonly editIntervalMs: number
  readonly lastTryDelaysMs: readonly number[]
  /** Null while moderation is off. */
  readonly moderation: ModerationDesk | null
}

/** Remembers where found clips can be had, and hands the clips on. */
export function remember(context: BotContext, found: readonly FoundClip[]) {
  for (const one of found) context.remembered.add(one)
  return found.map(({ clip }) => clip)
}
