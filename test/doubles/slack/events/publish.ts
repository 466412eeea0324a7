import type { Delivery } from '../delivery/delivery.ts'
import type { Json } from '../json.ts'
import type { Stage } from '../stage.ts'
import type { Workspace } from '../world/workspace.ts'

/** Under which conditions the app hears of an event. */
export interface Subscription {
  /** Name in the manifest, e.g. `message.channels`. */
  readonly event: string
  /** Scope that the bot token must have; null when none is needed. */
  readonly scope: string | null
}

/**
 * Sends an event to the app, wrapped in the Events API's envelope.
 * @returns null when the app is not installed, not subscribed or lacks the scope
 */
export function publishEvent(stage: Stage, workspace: Workspace, event: Json, when: Subscription): Delivery | null {
  const { app, clock, identifiers } = stage.world
  if (!workspace.isInstalled || !app.events.has(when.event)) return null
  if (when.scope !== null && !workspace.botToken.scopes.has(when.scope)) return null
  const eventSeconds = Math.floor(clock.now() / 1000)
  return stage.deliveries.send('events_api', workspace.id, {
    token: app.verificationToken,
    team_id: workspace.id,
    context_team_id: workspace.id,
    context_enterprise_id: null,
    api_app_id: app.id,
    event,
    type: 'event_callback',
    event_id: identifiers.next('Ev'),
    event_time: eventSeconds,
    authorizations: [
      {
        enterprise_id: null,
        team_id: workspace.id,
        user_id: workspace.botUser.id,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: event.is_ext_shared_channel ?? false,
    event_context: `4-${workspace.id}-${eventSeconds}`,
  })
}
