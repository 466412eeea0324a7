// The port to a platform that is watched: what moderation asks of an adapter. The adapter translates and decides nothing.
import type { ChatAdapter } from '../../conversation/adapter.ts'
import type { ModerationDesk } from './desk.ts'
import type { AlertAction, Notice } from './notice.ts'
import type { PostPlace } from './post-place.ts'

/** How an action ended. */
export type ActionOutcome =
  | 'done'
  /** Whoever pressed lacks the permission. */
  | 'person-may-not'
  /** Valley lacks it. */
  | 'bot-may-not'
  /** The message or its author is not there any more. */
  | 'gone'
  | 'failed'

/** How posting ended. */
export type PostOutcome =
  /** `reference` finds the post again; `sentences` is nothing that people read. */
  | { readonly kind: 'posted'; readonly reference: string }
  /** The channel is gone, or Valley may not write there: trying again is of no use. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may work later. */
  | { readonly kind: 'unreachable'; readonly reason: string }

/** How changing a post ended. */
export type ReplaceOutcome =
  | 'replaced'
  /** The post or its channel is gone, or Valley may not write there: trying again is of no use. */
  | 'gone'
  /** It may work later. */
  | 'unreachable'

/** Whether something is still on its platform. */
export type Presence =
  | 'there'
  /** It was deleted, or Valley was removed from it. */
  | 'gone'
  /** Nobody can tell now. */
  | 'unknown'

/** What moderation asks of a platform. Nothing here throws. */
export interface ModeratedPlatform {
  /** First part of its ids. */
  readonly platform: string
  /** What its buttons can do. */
  readonly actions: readonly AlertAction[]
  /** Has it report posts, deletions, commands and presses from now on; called once, before the adapter runs. */
  connect(desk: ModerationDesk): void
  /** The address of a post, for people who may see it; null when it cannot be had. */
  linkTo(post: PostPlace): Promise<string | null>
  /**
   * Posts for moderators.
   * @param to a channel or a person
   * @param key the same for the same post, so that it is not posted twice when an answer was lost
   */
  post(to: string, notice: Notice, key: string): Promise<PostOutcome>
  /** Changes a post of moderation, and takes its pictures away; done again, it changes nothing more. */
  replace(to: string, reference: string, notice: Notice): Promise<ReplaceOutcome>
  /** Whether a post is still there. What is said to be gone is forgotten for good, so `unknown` in case of doubt. */
  hasPost(post: PostPlace): Promise<Presence>
  /** The same of a server that Valley was in, or of a channel in it. */
  hasPlace(groupId: string, channelId?: string): Promise<Presence>
  /** Whether posts of a channel come in; `gone` where Valley was shut out or it is not there. Absent: nobody can tell. */
  mayRead?(channelId: string): Promise<Presence>
  /** Does something about a post for a person, when both that person and Valley may. @param reference of the alert */
  act(action: AlertAction, post: PostPlace, alert: AlertPlace, userId: string): Promise<ActionOutcome>
}

/** Where an alert stands. */
export interface AlertPlace {
  readonly channelId: string
  readonly reference: string
  /** Names its rule: for a thread about it, and for what the platform itself writes down of an action. */
  readonly name: string
}

/** An adapter whose platform can be watched. */
export interface ModeratedAdapter extends ChatAdapter {
  readonly moderated: ModeratedPlatform
}
