// What adapters tell moderation: posts, deletions, commands and presses of buttons. Nothing here throws; what goes wrong is a
// line of the log, or a sentence for whoever asked.
import type { IncomingClip } from '../../conversation/clip.ts'
import type { AlertVerb, Notice } from './notice.ts'
import type { PostPlace } from './post-place.ts'

/** A post, as its adapter saw it. */
export interface WatchedPost extends PostPlace {
  /** The channel that `channelId` hangs in where that is a platform's thread or a post of a forum. */
  readonly parentChannelId?: string
  /** Roles of its author. */
  readonly roleIds: readonly string[]
  /** When it came to what it is: posted, or edited since. Milliseconds since 1970. */
  readonly postedAtMs: number
  /** Its clips, those that it forwards among them. */
  readonly clips: readonly IncomingClip[]
}

/** Where and by whom a command is used. */
export interface CommandPlace {
  /** Of the command or press; the same when it is done again after a crash, which leaves one trace of it. */
  readonly requestId: string
  readonly groupId: string
  readonly channelId: string
  readonly userId: string
  readonly locale?: string
  /** True when the platform says that the person looks after the server. */
  readonly isModerator: boolean
}

/** What a moderator wants. */
export type ModerationWish =
  /** Reports go to the channel where the command is used. */
  | { readonly name: 'watch'; readonly channelId: string }
  | { readonly name: 'unwatch'; readonly channelId: string }
  | { readonly name: 'rules' }
  | { readonly name: 'digest' }
  | { readonly name: 'status' }
  /** Who did what about messages and channels. */
  | { readonly name: 'audit' }
  /** Removes records: of a person, of a message, or of the whole server. */
  | { readonly name: 'forget'; readonly userId?: string; readonly messageId?: string }

/** Whose records a moderator has removed. */
export type ForgetTarget = 'person' | 'message' | 'person-in-message' | 'server'

/** Names of the commands. */
export type ModerationCommandName = ModerationWish['name']

/** A button that somebody pressed, confirmed where that is asked. */
export interface AlertPress extends Omit<CommandPlace, 'groupId'> {
  readonly verb: AlertVerb
  readonly alertId: number
  /** True after a crash, when a first try may have done it already. */
  readonly isAgain?: boolean
}

/** What comes of a press. */
export interface PressAnswer {
  /** Shown to whoever pressed, alone. */
  readonly text: string
}

/** Somebody who wants to see the picture of an alert. */
export type AlertLook = Omit<AlertPress, 'verb' | 'requestId' | 'isAgain'>

/** The picture as it is. */
export interface AlertPicture {
  readonly png: Uint8Array
  readonly description: string
}

/** The desk of moderation. */
export interface ModerationDesk {
  /** True when something is watched in one of these channels; adapters need hand over nothing else. */
  isWatched(channelIds: readonly (string | null | undefined)[]): boolean
  /** True when any channel of the platform is watched. */
  watchesOn(platform: string): boolean
  /** Ids of the watched channels of a platform; what the settings name may lack its server. */
  watchedChannels(platform: string): readonly string[]
  /** Takes the clips of a post, each once; also of a post that was edited. */
  take(post: WatchedPost): Promise<void>
  /** Messages were deleted; what is kept of them goes too. */
  messagesDeleted(channelId: string, messageIds: readonly string[]): Promise<void>
  /** A channel, thread or server is gone, or Valley was removed from it. */
  placeGone(id: string): Promise<void>
  /** Events of a platform come in again after a gap: it is asked what was deleted meanwhile. Resolves when it has been. */
  listensAgain(platform: string): Promise<void>
  command(place: CommandPlace, wish: ModerationWish): Promise<Notice>
  press(press: AlertPress): Promise<PressAnswer>
  /** The picture of an open alert, for platforms that blur it; a sentence for whoever may not see it, or when it is gone. */
  pictureOf(look: AlertLook): Promise<AlertPicture | PressAnswer>
}
