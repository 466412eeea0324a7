// Alerts from the finding to the verdict: told once each, acted upon by people only, every act written down.
import type { Logger } from '../../logger.ts'
import type { AlertLook, AlertPicture, AlertPress, CommandPlace, PressAnswer } from '../platform/desk.ts'
import type { PostOutcome } from '../platform/platform.ts'
import { moderationTextsFor } from '../texts/locale.ts'
import { type AlertNoticeOptions, alertNotice } from './alert-notice.ts'
import { type AlertPorts, actionsOn, alertOptions } from './alert-options.ts'
import type { Closings } from './closings.ts'
import type { ModerationSettings } from './settings.ts'
import type { AlertRecord } from './store.ts'

/** What alerts work with. */
export interface AlertsOptions extends AlertPorts {
  readonly settings: Pick<ModerationSettings, 'actions' | 'locale' | 'moderators'>
  readonly closings: Closings
  readonly logger: Logger
  readonly now: () => number
}

/** Kept in place of a post's reference where a recipient takes no alert, so that it is not tried for ever. */
const NOT_POSTED = ''
/** Of a recipient on a platform that is not in the settings. */
const NO_PLATFORM: PostOutcome = { kind: 'refused', reason: 'no such platform' }

/** The alerts. */
export class Alerts {
  readonly #options: AlertsOptions
  /** Alerts are told one after the other, whoever asks for it. */
  #telling: Promise<void> = Promise.resolve()

  constructor(options: AlertsOptions) {
    this.#options = options
  }

  /** Tells the alerts that were not told yet; those that cannot be now wait for the next time. Never rejects. */
  tellAll(): Promise<void> {
    this.#telling = this.#telling.then(async () => {
      const { store, logger } = this.#options
      try {
        for (const alert of await store.unsentAlerts()) await this.#tell(alert)
      } catch (error) {
        logger.error({ err: error }, 'alerts could not be told; they are told later')
      }
    })
    return this.#telling
  }

  /** Resolves when those that are being told are. */
  told(): Promise<void> {
    return this.#telling
  }

  /** @throws AppError STORAGE_FAILED */
  async press(press: AlertPress): Promise<PressAnswer> {
    const { store, settings, closings, logger } = this.#options
    const texts = moderationTextsFor(press.locale, settings.locale)
    const alert = await store.alert(press.alertId)
    if (!this.#isModerator(press)) return { text: texts.mayNot }
    if (alert === null || alert.reference === null) return { text: texts.alertClosed }
    // Moderators of one server decide nothing in another.
    if (alert.clip.reportTo !== press.channelId) return { text: texts.mayNot }
    const { verb, userId, isAgain = false } = press
    if (verb === 'dismiss' || verb === 'confirm') {
      const verdict = verb === 'dismiss' ? 'dismissed' : 'confirmed'
      const isDecided = isAgain && alert.verdict === verdict && alert.decidedBy === userId
      if (!isDecided && !(await store.decide(alert.id, verdict, userId))) return { text: texts.alertClosed }
      await this.#audit(alert, press, 'done')
      await closings.changeOf(alert)
      return { text: texts.outcomes.done }
    }
    const platform = this.#options.platformOf(alert.clip.reportTo)
    if (platform === null || !actionsOn(platform, this.#options).includes(verb)) return { text: texts.alertClosed }
    const place = { channelId: alert.clip.reportTo, reference: alert.reference, name: texts.threadName(alert.rule) }
    const found = await platform.act(verb, alert.clip.post, place, userId)
    // What is gone now was deleted by the try before the crash.
    const outcome = isAgain && verb === 'delete' && found === 'gone' ? 'done' : found
    if (verb === 'delete' && outcome === 'done') await this.#confirmDeleted(alert, userId)
    await this.#audit(alert, press, outcome)
    const { channelId, messageId } = alert.clip.post
    logger.info({ action: verb, channel: channelId, message: messageId, by: userId, outcome }, 'moderation acted')
    return { text: texts.outcomes[outcome] }
  }

  /** @throws AppError STORAGE_FAILED */
  async pictureOf(look: AlertLook): Promise<AlertPicture | PressAnswer> {
    const texts = moderationTextsFor(look.locale, this.#options.settings.locale)
    if (!this.#isModerator(look)) return { text: texts.mayNot }
    const alert = await this.#options.store.alert(look.alertId)
    if (alert?.picture == null) return { text: texts.pictureGone }
    if (alert.clip.reportTo !== look.channelId) return { text: texts.mayNot }
    return { png: alert.picture, description: alert.rule }
  }

  async #tell(alert: AlertRecord): Promise<void> {
    const { store, policy, platformOf } = this.#options
    const { reportTo } = alert.clip
    const platform = platformOf(reportTo)
    if (platform === null) return
    const options = await alertOptions(alert, platform, this.#options)
    const others = policy.rules.find(({ name }) => name === alert.rule)?.tell ?? []
    let isTold = true
    for (const to of new Set([reportTo, ...others])) {
      if (wasTold(alert, to)) continue
      const told = await this.#tellTo(to, alert, options)
      if (told === 'removed') return
      isTold &&= told === 'told'
    }
    if (isTold) await store.alertTold(alert.id)
  }

  /** Tells one recipient; one that takes no alerts counts as told. */
  async #tellTo(to: string, alert: AlertRecord, options: AlertNoticeOptions): Promise<'told' | 'later' | 'removed'> {
    const { store, platformOf, logger } = this.#options
    const { reportTo, post } = alert.clip
    const isReport = to === reportTo
    const notice = await alertNotice(alert, options, isReport)
    const posted = (await platformOf(to)?.post(to, notice, keyOf(alert))) ?? NO_PLATFORM
    const fields = { alert: alert.id, channel: reportTo, message: post.messageId, rule: alert.rule, to }
    if (posted.kind === 'unreachable') {
      logger.warn({ ...fields, reason: posted.reason }, 'an alert could not be told; it is tried again')
      return 'later'
    }
    if (posted.kind === 'refused') {
      const what = isReport ? 'an alert could not be told there' : 'somebody could not be told'
      logger.error({ ...fields, reason: posted.reason }, what)
    }
    const reference = posted.kind === 'posted' ? posted.reference : NOT_POSTED
    const isKept = isReport ? await store.alertSent(alert.id, reference) : await store.copySent(alert.id, to, reference)
    if (isKept) return 'told'
    // The message was deleted while the alert was on its way.
    if (posted.kind === 'posted') await this.#takeBack(alert, to, reference)
    return 'removed'
  }

  async #takeBack({ id: alertId, rule }: AlertRecord, to: string, reference: string): Promise<void> {
    const { store, closings } = this.#options
    await closings.change([await store.addClosing({ alertId, rule, to, reference, why: 'messageDeleted' })])
  }

  /** Whoever deletes a message by its alert has confirmed it. That it was deleted shows on the post once the platform tells. */
  async #confirmDeleted({ id, clip, verdict, rule, score }: AlertRecord, userId: string): Promise<void> {
    const { store } = this.#options
    if (verdict !== null || (await store.decide(id, 'confirmed', userId)) || (await store.alert(id)) !== null) return
    // The platform told of it first, and the record went.
    if (clip.outcome?.kind !== 'looked') return
    const { model, policyVersion, rawScores: { [rule]: raw } = {} } = clip.outcome
    const label = { rule, score, model, policyVersion, isPositive: true, ...(raw === undefined ? {} : { raw }) }
    await store.keepLabel(clip.post.groupId, label, clip.post.postedAtMs)
  }

  #isModerator({ userId, isModerator }: Pick<CommandPlace, 'userId' | 'isModerator'>): boolean {
    return isModerator || this.#options.settings.moderators.includes(userId)
  }

  async #audit({ clip }: AlertRecord, { requestId, userId, verb: action }: AlertPress, outcome: string): Promise<void> {
    const { groupId, channelId, messageId } = clip.post
    const target = `${channelId}/${messageId}`
    await this.#options.store.audit({ requestId, atMs: this.#options.now(), groupId, userId, action, target, outcome })
  }
}

function wasTold({ clip, reference, copies }: AlertRecord, to: string): boolean {
  return to === clip.reportTo ? reference !== null : Object.hasOwn(copies, to)
}

/** The same whenever an alert is told again, and of no other alert, also where its number was given anew. */
function keyOf({ id, clip }: AlertRecord): string {
  return `alert-${id}-${clip.post.messageId}`
}
