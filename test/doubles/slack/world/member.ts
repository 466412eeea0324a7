/** In the workspace: one who looks after it, one of its own, a guest, or somebody of another organisation who shares a channel with it. */
export type Standing = 'admin' | 'full' | 'guest' | 'outside'

/** A member of a workspace: a person or the app's bot user. */
export interface Member {
  readonly id: string
  readonly teamId: string
  readonly name: string
  readonly isBot: boolean
  readonly standing: Standing
  /** IETF tag, e.g. `es-ES`; what `users.info` answers with `include_locale`. */
  readonly locale: string
  readonly timezone: string
}
