// Findings in the digest, by rule, each with its link: those that people dismissed stand apart, and of each is said whether
// the moderators were really told of it.
import type { Finding } from '../finding.ts'
import type { NoticeLine } from '../platform/notice.ts'
import { spanText } from '../span-text.ts'
import type { ModerationTexts } from '../texts/texts.ts'
import type { AlertRecord, ClipRecord } from '../watch/store.ts'
import { type DigestContent, linkOrChannel, strong } from './digest-content.ts'

/** Writes those of the period; one line when there are none. */
export function findingLines(content: DigestContent): NoticeLine[] {
  const lines = linesByRule(content, content.clips)
  return lines.length === 0 ? [[content.texts.noFindings]] : lines
}

/** Writes those of clips from before it; nothing when no such clip was looked at. */
export function lateLines(content: DigestContent): NoticeLine[] {
  const { texts } = content
  const late = content.late.filter(({ outcome }) => outcome?.kind === 'looked')
  return late.length === 0 ? [] : [[texts.late(late.length)], ...linesByRule(content, late)]
}

function linesByRule(content: DigestContent, clips: readonly ClipRecord[]): NoticeLine[] {
  const { findings, dismissedBefore, texts } = content
  const alerts = new Map(content.alerts.map((alert) => [`${alert.clip.id} ${alert.rule}`, alert]))
  const groups = { open: new Map<string, NoticeLine[]>(), dismissed: new Map<string, NoticeLine[]>() }
  for (const clip of clips) {
    for (const finding of findings.get(clip.id) ?? []) {
      const { rule, score } = finding
      const alert = alerts.get(`${clip.id} ${rule}`)
      const isDismissed = alert?.verdict === 'dismissed' || dismissedBefore.get(clip.id)?.has(rule) === true
      const group = isDismissed ? groups.dismissed : groups.open
      const words = `• ${texts.levels[levelOf(finding, alert)]}, ${score.toFixed(2)}, ${spanText(finding)}, `
      group.set(rule, [...(group.get(rule) ?? []), [words, linkOrChannel(clip, content)]])
    }
  }
  const section = (head: string, group: ReadonlyMap<string, readonly NoticeLine[]>): NoticeLine[] =>
    [...group].flatMap(([rule, lines]) => [[strong(`${head}:`), ` ${rule} ${lines.length}`], ...lines])
  return [
    ...section(texts.digestHeads.findings, groups.open),
    ...section(texts.digestHeads.dismissed, groups.dismissed),
  ]
}

/** What became of a finding. The threshold alone does not say it: an alert may not have been raised, or not been posted. */
function levelOf({ level }: Finding, alert: AlertRecord | undefined): keyof ModerationTexts['levels'] {
  if (level === 'note') return 'note'
  if (alert === undefined) return 'untold'
  const { verdict, reference, copies } = alert
  // Only what was posted can have a verdict.
  if (verdict !== null || [reference, ...Object.values(copies)].some((posted) => (posted ?? '') !== '')) return 'alert'
  return reference === null ? 'waiting' : 'refused'
}
