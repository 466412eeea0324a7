import type { Deliveries } from './delivery/deliveries.ts'
import type { World } from './world/world.ts'

/** What every action in the double needs: what Slack knows, and the way to the app. */
export interface Stage {
  readonly world: World
  readonly deliveries: Deliveries
}
