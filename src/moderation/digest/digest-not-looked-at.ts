// What the digest says of clips that were not looked at, or not whole: how many, why, and which.
import { assertNever } from '../../assert.ts'
import { clockTime } from '../../conversation/clock-time.ts'
import type { ErrorCode } from '../../errors.ts'
import type { NotLookedAt } from '../finding.ts'
import type { NoticeLine } from '../platform/notice.ts'
import { spanText } from '../span-text.ts'
import type { ModerationTexts } from '../texts/texts.ts'
import type { ClipRecord } from '../watch/store.ts'
import { type DigestContent, linkOrChannel, strong, tally } from './digest-content.ts'

/** True when not all of a clip was looked at; one that waits will be. */
export function isMissed({ outcome }: ClipRecord): boolean {
  return outcome !== null && (outcome.kind !== 'looked' || outcome.notLookedAt.length > 0)
}

/** How many could not be read, and how many only in part. */
export function unreadLines({ clips, texts }: DigestContent): NoticeLine[] {
  const failed = clips.flatMap(({ outcome }) => (outcome?.kind === 'failed' ? [outcome.code] : []))
  const codes = tally(failed, (code) => code) as readonly (readonly [ErrorCode, number])[]
  const partly = clips.filter(({ outcome }) => outcome?.kind === 'looked' && outcome.notLookedAt.length > 0).length
  return [
    ...(codes.length === 0
      ? []
      : [
          [
            strong(`${texts.digestHeads.unread}:`),
            ' ',
            codes.map(([code, count]) => `${texts.unread(count, code)}${reasonOf(code, texts)}`).join(', '),
          ],
        ]),
    ...(partly === 0 ? [] : [[strong(`${texts.digestHeads.partly}:`), ` ${partly}`]]),
  ]
}

function reasonOf(code: ErrorCode, { unreadReasons }: ModerationTexts): string {
  const reason = unreadReasons[code]
  return reason === undefined ? '' : ` (${reason})`
}

/** Each with why and its link, those from before among them; none when all was looked at. */
export function notLookedAtLines(content: DigestContent): NoticeLine[] {
  const { clips, late, texts } = content
  const missed = [...clips, ...late].filter(isMissed)
  if (missed.length === 0) return []
  return [
    [strong(`${texts.labels.notLookedAt}:`), ` ${missed.length}`],
    ...missed.map((clip): NoticeLine => [`• ${whyMissed(clip, texts)}, `, linkOrChannel(clip, content)]),
  ]
}

function whyMissed({ outcome }: ClipRecord, texts: ModerationTexts): string {
  switch (outcome?.kind) {
    case undefined:
      return ''
    case 'failed':
      return texts.unreadReasons[outcome.code] ?? outcome.code
    case 'capped':
      return texts.overTheMost
    case 'looked':
      return outcome.notLookedAt.map((part) => partText(part, texts)).join('; ')
    default:
      return assertNever(outcome)
  }
}

function partText(part: NotLookedAt, texts: ModerationTexts): string {
  switch (part.reason) {
    case 'too-long':
      return texts.tooLong(clockTime(part.startSeconds))
    case 'cut-off':
      return texts.cutOff(clockTime(part.startSeconds))
    case 'undecided':
      return `${part.rule}: ${texts.undecided(spanText(part))}`
    case 'failed':
      return texts.unreadReasons[part.code] ?? part.code
    default:
      return assertNever(part)
  }
}
