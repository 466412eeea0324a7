// Who looks at the forty clips, and how well: in the ordinary suite a double that sees all that is there; in the long one the
// model that ships, by the rules that come with it, or the model package that VALLEY_ACCEPTANCE_MODEL names, by the rules of
// VALLEY_ACCEPTANCE_RULES (`npm run bench:moderation` sets both).
import { appendFileSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { openEngine } from '../../src/engine/engine.ts'
import type { Engine } from '../../src/engine/engine-api.ts'
import { CATEGORY_QUESTIONS, type Category } from '../../src/moderation/categories.ts'
import type { ClipRecord } from '../../src/moderation/watch/store.ts'
import { MODEL, MODERATION_RULES } from './embedded-model.ts'
import { FakeEngine } from './fake-engine.ts'
import { CLIPS, FORTY_CLIPS_RULES, GOALS, hashOf, type ModeratedClip } from './forty-clips.ts'
import { IS_LONG_RUN } from './long-run.ts'

/** Who looks. */
export interface Onlooker {
  readonly engine: Engine
  readonly rules: string
  /** What has to be found at least, and how many false alerts there may be. */
  readonly goals: { readonly found: number; readonly falseAlerts: number }
  close(): Promise<void>
}

/** Opens whoever looks. The caller closes it. */
export async function openOnlooker(clips: readonly ModeratedClip[]): Promise<Onlooker> {
  const { packageDirectory, rulesFile } = onlookerOf(process.env)
  const rules = rulesFile === undefined ? FORTY_CLIPS_RULES : readFileSync(rulesFile, 'utf8')
  if (packageDirectory !== undefined) {
    const engine = await openEngine({ packageDirectory })
    return { engine, rules, goals: GOALS, close: () => engine.close() }
  }
  const goals = { found: touchesIn(clips).length, falseAlerts: 0 }
  return { engine: seesAll(clips), rules, goals, close: async () => {} }
}

/** Either is undefined where the double or the built-in categories serve. */
function onlookerOf({
  VALLEY_ACCEPTANCE_MODEL: packageDirectory,
  VALLEY_ACCEPTANCE_RULES: rulesFile,
}: NodeJS.ProcessEnv) {
  const isShipped = IS_LONG_RUN && packageDirectory === undefined
  return isShipped ? { packageDirectory: MODEL, rulesFile: MODERATION_RULES } : { packageDirectory, rulesFile }
}

/** A double that is as sure as a share of the frames shows what was asked for. */
function seesAll(clips: readonly ModeratedClip[]): FakeEngine {
  const engine = new FakeEngine()
  const touches = new Map(clips.map((clip) => [hashOf(clip), clip.touch]))
  engine.sureOf = (question, times, key) => {
    const touch = touches.get(key.split(':')[1] ?? '') ?? null
    if (touch === null || !CATEGORY_QUESTIONS[touch.rule as Category].includes(question)) return 0.05
    const seen = times.filter((time) => time >= touch.startSeconds && time < touch.endSeconds)
    return 0.05 + (0.9 * seen.length) / times.length
  }
  return engine
}

/** An alert as it stands on a platform. */
export interface ToldAlert {
  /** Number of the clip. */
  readonly clip: number
  readonly rule: string
  readonly startSeconds: number
  readonly endSeconds: number
}

/** Reads an alert. @param clip number of the one that it links to */
export function readAlert(text: string, clip: number): ToldAlert {
  const rule = /Needs a look: ([\w-]+)/.exec(text)?.[1] ?? ''
  const line = /Where in the clip:.*/.exec(text)?.[0] ?? ''
  const seconds = [...line.matchAll(/(\d+):(\d\d)/g)].map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest))
  return { clip, rule, startSeconds: Math.min(...seconds), endSeconds: Math.max(...seconds) }
}

/** Ends of a span may be off by this much. */
const SPAN_TOLERANCE_SECONDS = 1

/** Holds alerts to what the clips show. */
export function expectRightAlerts(
  clips: readonly ModeratedClip[],
  told: readonly ToldAlert[],
  { found, falseAlerts }: Onlooker['goals'],
): void {
  const isRight = ({ clip, rule, startSeconds, endSeconds }: ToldAlert) => {
    const touch = clips[clip]?.touch
    if (touch?.rule !== rule) return false
    const off = Math.max(Math.abs(touch.startSeconds - startSeconds), Math.abs(touch.endSeconds - endSeconds))
    return off <= SPAN_TOLERANCE_SECONDS
  }
  const right = told.filter(isRight)
  const wrong = told.filter((alert) => clips[alert.clip]?.touch?.rule !== alert.rule)
  report([
    `${right.length} of ${touchesIn(clips).length} told with the right span, ${wrong.length} false alerts, ${CLIPS} clips`,
    ...touchesIn(clips).map(({ clip, rule, startSeconds, endSeconds }) => {
      const alert = told.find((one) => one.clip === clip && one.rule === rule)
      const span = alert === undefined ? 'not told' : `told ${alert.startSeconds}-${alert.endSeconds} s`
      return `  clip ${clip}: ${rule} at ${startSeconds}-${endSeconds} s, ${span}`
    }),
    ...wrong.map(
      ({ clip, rule, startSeconds, endSeconds }) => `  clip ${clip}: false ${rule} ${startSeconds}-${endSeconds} s`,
    ),
  ])
  expect(right.length, JSON.stringify(told)).toBeGreaterThanOrEqual(found)
  expect(wrong.length, JSON.stringify(wrong)).toBeLessThanOrEqual(falseAlerts)
}

/** How many findings there are of each rule, noted ones and those that were told. */
export function countFindings(records: readonly ClipRecord[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { outcome } of records) {
    for (const { rule } of outcome?.kind === 'looked' ? outcome.findings : []) {
      counts.set(rule, (counts.get(rule) ?? 0) + 1)
    }
  }
  return counts
}

/** A stretch of time with everything in it. */
export const ALWAYS = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER } as const

function touchesIn(clips: readonly ModeratedClip[]) {
  return clips.flatMap(({ touch }, clip) => (touch === null ? [] : [{ clip, ...touch }]))
}

/** Written where `npm run bench:moderation` reads it. */
function report(lines: readonly string[]): void {
  const { VALLEY_ACCEPTANCE_REPORT: file } = process.env
  if (file !== undefined) appendFileSync(file, `${lines.join('\n')}\n`)
}
