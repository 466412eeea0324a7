// Alerts from the finding to the verdict: told once each, acted upon by people only, every act written down.
import type { Logger } from '../../logger.ts'
import type { AlertLook, AlertPicture, AlertPress, CommandPlace, PressAnswer } from '../platform/desk.ts'
import { moderationTextsFor } from '../texts/locale.ts'
import { alertNotice } from './alert-notice.ts'
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

/** Kept in place of a post's reference where a channel takes no alert, so that it is not tried for ever. */
const NOT_POSTED = ''

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
    const { store, policy, settings, logger } = this.#options
    const { reportTo, post } = alert.clip
    const platform = this.#options.platformOf(reportTo)
    if (platform === null) return
    const options = await alertOptions(alert, platform, this.#options)
    const posted = await platform.post(reportTo, await alertNotice(alert, options), keyOf(alert))
    const fields = { alert: alert.id, channel: reportTo, message: post.messageId, rule: alert.rule }
    if (posted.kind === 'unreachable') {
      logger.warn({ ...fields, reason: posted.reason }, 'an alert could not be told; it is tried again')
      return
    }
    if (posted.kind === 'refused')
      logger.error({ ...fields, reason: posted.reason }, 'an alert could not be told there')
    const reference = posted.kind === 'posted' ? posted.reference : NOT_POSTED
    if (!(await store.alertSent(alert.id, reference))) {
      // The message was deleted while the alert was on its way.
      if (posted.kind === 'posted') await this.#takeBack(alert, reportTo, reference)
      return
    }
    const others = policy.rules.find(({ name }) => name === alert.rule)?.tell ?? []
    for (const [index, to] of others.entries()) {
      const told = await this.#options
        .platformOf(to)
        ?.post(
          to,
          await alertNotice(alert, { ...options, actions: settings.actions }, false),
          `${keyOf(alert)}-${index}`,
        )
      if (told?.kind !== 'posted') logger.error({ ...fields, to, reason: told?.reason }, 'somebody could not be told')
      else if (!(await store.copySent(alert.id, to, told.reference))) await this.#takeBack(alert, to, told.reference)
    }
  }

  async #takeBack({ id: alertId, rule }: AlertRecord, to: string, reference: string): Promise<void> {
    const { store, closings } = this.#options
    await closings.change([await store.addClosing({ alertId, rule, to, reference, why: 'messageDeleted' })])
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

/** The same whenever an alert is told again, and of no other alert, also where its number was given anew. */
function keyOf({ id, clip }: AlertRecord): string {
  return `alert-${id}-${clip.post.messageId}`
}
