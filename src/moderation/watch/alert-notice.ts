// An alert as moderators read it. What the model said and what people wrote stands in it as data.
import { assertNever } from '../../assert.ts'
import { clockTime } from '../../conversation/clock-time.ts'
import type { Finding, NotLookedAt } from '../finding.ts'
import type { AlertAction, AlertVerb, Notice, NoticeButton, NoticeLine } from '../platform/notice.ts'
import { spanText } from '../span-text.ts'
import type { ModerationTexts } from '../texts/texts.ts'
import { blurPicture } from './alert-picture.ts'
import type { AlertRecord } from './store.ts'

/** The texts of some languages, in the order in which they are used. */
export type Languages = readonly [ModerationTexts, ...ModerationTexts[]]

/** What an alert is told with. */
export interface AlertNoticeOptions {
  readonly languages: Languages
  /** Address of the message; null when it cannot be had. */
  readonly url: string | null
  /** Address of the message in which the same clip was looked at before. */
  readonly earlierUrl: string | null
  readonly actions: readonly AlertAction[]
}

/** Tells an alert that waits for a verdict. @param withButtons false for those who are only told; they see no frames */
export async function alertNotice(
  alert: AlertRecord,
  options: AlertNoticeOptions,
  withButtons = true,
): Promise<Notice> {
  const [texts] = options.languages
  const { picture } = alert
  return {
    lines: alertLines(alert, options),
    // Those who are only told follow the link: no verdict would take the picture from them.
    ...(picture === null || !withButtons
      ? {}
      : {
          picture: {
            png: picture,
            blurredPng: await blurPicture(picture),
            description: texts.picture(
              findingsOf(alert).flatMap(({ frameTimesSeconds: times }) => times.map(clockTime)),
            ),
          },
        }),
    ...(withButtons
      ? { alert: { id: alert.id, buttons: buttonsOf(options.actions, texts), reveal: texts.verbs.reveal } }
      : {}),
    ...restOf(texts),
  }
}

/**
 * Tells an alert that was decided: no picture, and where it was confirmed the buttons that act upon the post.
 * @param verdict its last line
 */
export function closedNotice(alert: AlertRecord, options: AlertNoticeOptions, verdict: NoticeLine): Notice {
  const [texts] = options.languages
  const actions = alert.verdict === 'confirmed' ? actionButtons(options.actions, texts) : []
  return {
    lines: [...alertLines(alert, options), verdict],
    ...(actions.length === 0 ? {} : { alert: { id: alert.id, buttons: actions, reveal: texts.verbs.reveal } }),
    ...restOf(texts),
  }
}

/** Tells that nothing is kept any more of what an alert by a rule was about. @param why a sentence */
export function removedNotice(rule: string, texts: ModerationTexts, why: string): Notice {
  return {
    lines: [[{ kind: 'strong', text: texts.alertTitle(rule) }], [why]],
    ...restOf(texts),
  }
}

/** What is said of what does not stand in the post itself. */
function restOf({ restAttached, notAttached }: ModerationTexts) {
  return { restAttached, restName: 'alert.txt', notAttached }
}

function alertLines(alert: AlertRecord, { languages, url, earlierUrl }: AlertNoticeOptions): NoticeLine[] {
  const { post, outcome } = alert.clip
  const findings = findingsOf(alert)
  return languages.flatMap((texts): NoticeLine[] => {
    const { labels } = texts
    const line = (label: string, ...rest: NoticeLine): NoticeLine => [
      { kind: 'strong', text: `${label}:` },
      ' ',
      ...rest,
    ]
    const link = (to: string): NoticeLine[number] => ({ kind: 'link', text: to, url: to })
    const certainty = findings.some(({ isCalibrated }) => isCalibrated) ? texts.calibrated : texts.uncalibrated
    const flashes = findings.flatMap((finding) => (finding.flashes === undefined ? [] : [finding.flashes]))
    const [fastest] = flashes.map(({ flashesPerSecond }) => flashesPerSecond).sort((a, b) => b - a)
    const measured = fastest === undefined ? certainty : texts.flashes(fastest)
    const looked = outcome?.kind === 'looked' ? outcome : null
    const missing = (looked?.notLookedAt ?? []).flatMap((part) => missingText(part, alert.rule, texts))
    return [
      [{ kind: 'strong', text: texts.alertTitle(alert.rule) }],
      ...(url === null ? [] : [line(labels.message, link(url))]),
      line(labels.author, { kind: 'user', id: post.authorId }),
      line(labels.channel, { kind: 'channel', id: post.channelId }),
      line(labels.score, `${alert.score.toFixed(2)} (${measured})`),
      line(labels.span, findings.map(spanText).join(', ')),
      ...(looked === null || looked.description === '' ? [] : [line(labels.description, looked.description)]),
      ...(missing.length === 0 ? [] : [line(labels.notLookedAt, missing.join('; '))]),
      ...(looked === null ? [] : [line(labels.rules, looked.policyVersion)]),
      ...(looked?.sameAs === undefined ? [] : [line(labels.earlier, earlierUrl === null ? '…' : link(earlierUrl))]),
    ]
  })
}

/** What was not looked at of a clip, in words; what concerns other rules is left out. */
function missingText(part: NotLookedAt, rule: string, texts: ModerationTexts): string[] {
  switch (part.reason) {
    case 'too-long':
      return [texts.tooLong(clockTime(part.startSeconds))]
    case 'cut-off':
      return [texts.cutOff(clockTime(part.startSeconds))]
    case 'undecided':
      return part.rule === rule ? [texts.undecided(spanText(part))] : []
    case 'failed':
      return []
    default:
      return assertNever(part)
  }
}

function findingsOf({ clip, rule }: AlertRecord): readonly Finding[] {
  return clip.outcome?.kind === 'looked' ? clip.outcome.findings.filter((finding) => finding.rule === rule) : []
}

function buttonsOf(actions: readonly AlertAction[], texts: ModerationTexts): NoticeButton[] {
  const verdicts: readonly AlertVerb[] = ['dismiss', 'confirm']
  return [...verdicts.map((verb) => ({ verb, label: texts.verbs[verb] })), ...actionButtons(actions, texts)]
}

function actionButtons(actions: readonly AlertAction[], texts: ModerationTexts): NoticeButton[] {
  return actions.map((verb) => ({
    verb,
    label: texts.verbs[verb],
    confirmation: { question: texts.confirmations[verb], yes: texts.yes, no: texts.no },
  }))
}
