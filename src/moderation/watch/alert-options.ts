// What an alert is told with, from the rules, the settings and the platform where it stands.
import { ALERT_ACTIONS, type AlertAction } from '../platform/notice.ts'
import type { ModeratedPlatform } from '../platform/platform.ts'
import type { PostPlace } from '../platform/post-place.ts'
import type { Policy } from '../policy.ts'
import { moderationTextsFor } from '../texts/locale.ts'
import type { AlertNoticeOptions, Languages } from './alert-notice.ts'
import type { ModerationSettings } from './settings.ts'
import type { AlertRecord, ModerationStore } from './store.ts'

/** What telling alerts works with. */
export interface AlertPorts {
  readonly store: ModerationStore
  readonly policy: Policy
  readonly settings: Pick<ModerationSettings, 'actions' | 'locale'>
  readonly platformOf: (id: string) => ModeratedPlatform | null
}

/** The options of an alert on a platform. @throws AppError STORAGE_FAILED */
export async function alertOptions(
  alert: AlertRecord,
  platform: ModeratedPlatform,
  ports: AlertPorts,
): Promise<AlertNoticeOptions> {
  const { outcome, post } = alert.clip
  const earlier = outcome?.kind === 'looked' && outcome.sameAs !== undefined ? outcome.sameAs : null
  const cited = earlier === null ? null : await ports.store.clip(earlier)
  const linkTo = async (place: PostPlace) => (await ports.platformOf(place.channelId)?.linkTo(place)) ?? null
  return {
    languages: languagesOf(alert.rule, ports),
    url: await linkTo(post),
    earlierUrl: cited === null ? null : await linkTo(cited.post),
    // A post of another platform is out of its reach.
    actions: post.channelId.startsWith(`${platform.platform}:`) ? actionsOn(platform, ports) : [],
  }
}

/** The languages in which findings of a rule are told. */
export function languagesOf(rule: string, { policy, settings }: Pick<AlertPorts, 'policy' | 'settings'>): Languages {
  const [first, ...others] = policy.rules.find(({ name }) => name === rule)?.languages ?? []
  const texts = others.map((language) => moderationTextsFor(language))
  return [moderationTextsFor(first ?? settings.locale), ...texts]
}

/** The actions that are switched on and that a platform can do. */
export function actionsOn(platform: ModeratedPlatform, { settings }: Pick<AlertPorts, 'settings'>): AlertAction[] {
  return ALERT_ACTIONS.filter((action) => settings.actions.includes(action) && platform.actions.includes(action))
}
