import type { Message } from './message.ts'

/** Kinds of conversation, by the name that `channel_type` has in events. */
export type ChannelKind = 'channel' | 'group' | 'im' | 'mpim'

/** A message that only one person sees; Slack keeps none of them in the history. */
export interface EphemeralMessage {
  readonly ts: string
  readonly channelId: string
  readonly userId: string
  readonly threadTs: string | null
  text: string
  blocks: unknown
}

/** A conversation: a public channel, a private one (group), a direct message or one among several people. */
export interface Channel {
  readonly id: string
  readonly teamId: string
  readonly name: string
  readonly kind: ChannelKind
  /** User ids, the bot's among them once it was invited. */
  readonly members: Set<string>
  /** In order of posting, replies in threads too. */
  readonly messages: Message[]
  readonly ephemerals: EphemeralMessage[]
  /** True for a channel shared with another organisation (Slack Connect). */
  readonly isExternallyShared: boolean
  isArchived: boolean
}

/** What stands in the thread below a message, without what was deleted. */
export function repliesTo({ messages }: Channel, { ts }: Message): Message[] {
  return messages.filter(({ threadTs, isDeleted }) => threadTs === ts && !isDeleted)
}

/** The scope that reading a conversation's history takes, e.g. `channels:history`. */
export function scopeFor(kind: ChannelKind, access: 'history' | 'read'): string {
  return `${kind === 'channel' || kind === 'group' ? `${kind}s` : kind}:${access}`
}
