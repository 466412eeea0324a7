// Where a post stands.

/** A post, by ids that begin with their platform. */
export interface PostPlace {
  readonly groupId: string
  /** Where it stands: a channel, or a platform's thread in one. */
  readonly channelId: string
  /** The platform's own id of the message, unique in its channel. */
  readonly messageId: string
  readonly authorId: string
}
