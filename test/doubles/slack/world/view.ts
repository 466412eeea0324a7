import type { Json } from '../json.ts'

/** A modal or home tab that the app has opened for someone. */
export interface OpenView {
  readonly id: string
  readonly teamId: string
  readonly userId: string
  readonly type: 'modal' | 'home'
  /** Changes with every update; `views.update` may ask for it. */
  hash: string
  /** The view as the app gave it. */
  content: Json
  /** What the app found wrong with the last submission, by block id. */
  errors: Json
  isOpen: boolean
}

/** Leave to open one modal: handed out with each interaction, good once and for three seconds. */
export interface Trigger {
  readonly userId: string
  readonly expiresMs: number
  isExchanged: boolean
}

/** @see https://docs.slack.dev/interactivity/handling-user-interaction */
export const TRIGGER_LIFETIME_MS = 3000
