// `valley moderation replay`: rules, measured on labelled clips.
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { plainLine, plainText } from '../../adapters/terminal/plain-text.ts'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { AppError, isAboutClip } from '../errors.ts'
import { readPackage } from '../model-package/open-package.ts'
import { type Policy, readPolicyFile } from '../moderation/policy.ts'
import { drawCurves } from '../moderation/replay/draw-curves.ts'
import { type LabelledClip, readLabelledClips } from '../moderation/replay/labelled-clips.ts'
import { clipsOfLabels } from '../moderation/replay/labels-as-clips.ts'
import type { ThresholdResult } from '../moderation/replay/metrics.ts'
import { renderReplayTable } from '../moderation/replay/replay-table.ts'
import { type ReplayedClip, type RuleSummary, summariseReplay } from '../moderation/replay/summarise.ts'
import { calibratedRules } from './calibrated-rules.ts'
import { chooseModel } from './choose-model.ts'
import { type CommandContext, withContext } from './context.ts'
import { type Looker, openLooker } from './open-looker.ts'
import { decimalNumber } from './option-values.ts'
import { readVerdicts } from './read-verdicts.ts'

interface ReplayOptions {
  readonly rules: string
  readonly model?: string
  readonly json?: string
  readonly picture?: string
  readonly markdown?: string
  readonly writeRules?: string
  readonly precision?: number
}

const EXAMPLES = `
Examples:
  $ valley moderation replay labelled-clips --rules rules.yaml --picture curves.png
  $ valley moderation replay --rules rules.yaml
  $ valley moderation replay labelled-clips --rules rules.yaml --write-rules calibrated.yaml
  $ valley moderation replay other-clips --rules calibrated.yaml --markdown table.md

The folder holds clips and labels.yaml; docs/moderation.md has its format. The picture has a panel for each rule, in their
order: precision in blue and recall in orange over the threshold, both axes in percent, the rule's thresholds dashed.
`

/** Adds the command to the group. */
export function registerModerationReplay(group: Command): void {
  group
    .command('replay')
    .summary('measure rules on labelled clips')
    .description(
      'Look at labelled clips by moderation rules and report precision, recall and calibration of each rule.',
    )
    .argument('[folder]', 'folder with clips and labels.yaml; without it the verdicts of moderators are taken')
    .requiredOption('--rules <file>', 'the rules, a YAML file')
    .option('--model <dir>', 'folder of the model package (default: VALLEY_MODEL, else the only one in models/)')
    .option('--picture <file>', 'draw the threshold curves into a PNG file')
    .option('--json <file>', 'also write the report with every score to a file')
    .option('--markdown <file>', 'write precision, recall and calibration as a table, for a model card')
    .option('--write-rules <file>', 'write the rules, calibrated by these clips, to a file')
    .option('--precision <share>', 'with --write-rules, set alert so that this share of alerts is right', decimalNumber)
    .addHelpText('after', EXAMPLES)
    .action((folder: string | undefined, options: ReplayOptions) =>
      withContext((context) => replay(folder, options, context)),
    )
}

function checkPrecision({ precision, writeRules }: ReplayOptions): void {
  if (precision === undefined) return
  if (precision > 0 && precision <= 1 && writeRules !== undefined) return
  const what =
    writeRules === undefined ? 'stands without --write-rules' : `is ${precision}; it must be above 0 and at most 1`
  const message = `valley moderation replay: --precision ${what}. It sets the alert thresholds that --write-rules writes, e.g. 0.95.`
  throw new AppError('CONFIG_INVALID', message)
}

/** Clips with their scores, and what is to be said about them. */
interface Replayed {
  readonly model: string
  readonly replayed: readonly ReplayedClip[]
  readonly remarks: readonly string[]
}

async function replay(folder: string | undefined, options: ReplayOptions, context: CommandContext): Promise<void> {
  checkPrecision(options)
  const policy = await readPolicyFile(options.rules)
  const directory = await chooseModel(options.model, context.config)
  const { model, replayed, remarks } =
    folder === undefined
      ? await replayVerdicts(policy, directory, context)
      : await replayFolder(folder, policy, directory, context)
  const summaries = summariseReplay(policy, replayed, model)
  const text = [
    `rules ${policy.version}, model ${model}, ${remarks.join('\n')}`,
    ...summaries.flatMap((summary, index) => describeRule(summary, index + 1, model)),
  ].join('\n')
  process.stdout.write(plainText(`${text}\n`))
  if (options.picture !== undefined) {
    const panels = summaries.map(({ rule, scores, note, alert }) => ({
      name: rule,
      scores,
      thresholds: [note.threshold, alert.threshold],
    }))
    await write('--picture', options.picture, await drawCurves(panels))
  }
  if (options.markdown !== undefined) {
    await write('--markdown', options.markdown, renderReplayTable(summaries, { model, version: policy.version }))
  }
  if (options.writeRules !== undefined) {
    await write(
      '--write-rules',
      options.writeRules,
      await calibratedRules(options.rules, summaries, model, options.precision),
    )
  }
  if (options.json !== undefined) {
    const report = { policyVersion: policy.version, model, rules: summaries, remarks }
    await write('--json', options.json, `${JSON.stringify(report, null, 2)}\n`)
  }
}

async function replayFolder(
  folder: string,
  policy: Policy,
  directory: string,
  { config, signal }: CommandContext,
): Promise<Replayed> {
  const clips = await readLabelledClips(
    folder,
    policy.rules.map(({ name }) => name),
  )
  const looker = await openLooker(directory, policy, config, signal)
  const { replayed, failures } = await lookAtAll(clips, looker).finally(() => looker.close())
  const remarks = [`${replayed.length} of ${clips.length} clips looked at`, ...failures]
  return { model: looker.model, replayed, remarks }
}

async function replayVerdicts(policy: Policy, directory: string, { config }: CommandContext): Promise<Replayed> {
  const { manifest } = await readPackage(directory)
  const labels = await readVerdicts(config)
  const { replayed, ofOthers, measuredOtherwise } = clipsOfLabels(labels, policy, manifest.name)
  const remarks = [
    `${replayed.length} verdicts of moderators, ${ofOthers} of other rules or models left out`,
    ...(measuredOtherwise === 0
      ? []
      : [`${measuredOtherwise} left out since their scores are of other questions, windows, frames or calibrations`]),
    'only alerts have verdicts, so what the rules missed is not counted',
  ]
  return { model: manifest.name, replayed, remarks }
}

async function lookAtAll(
  clips: readonly LabelledClip[],
  looker: Looker,
): Promise<{ readonly replayed: readonly ReplayedClip[]; readonly failures: readonly string[] }> {
  const progress = new ProgressLine(process.stderr)
  const replayed: ReplayedClip[] = []
  const failures: string[] = []
  try {
    for (const [index, clip] of clips.entries()) {
      progress.show(`clip ${index + 1} of ${clips.length}`)
      try {
        const { scores, notLookedAt } = await looker.look(clip.path)
        const undecided = notLookedAt.flatMap((part) => (part.reason === 'undecided' ? [part.rule] : []))
        replayed.push({ clip, scores, undecided: new Set(undecided) })
      } catch (error) {
        // One bad clip does not spoil the measurement; anything else does.
        if (!isAboutClip(error)) throw error
        failures.push(`not looked at: ${plainLine(clip.file)} (${error.code})`)
      }
    }
  } finally {
    progress.clear()
  }
  return { replayed, failures }
}

function describeRule(summary: RuleSummary, number: number, model: string): string[] {
  const {
    rule,
    clips,
    positives,
    undecided,
    note,
    alert,
    averagePrecision,
    brierScore,
    calibrationError,
    calibration,
    measuredWith,
  } = summary
  const line =
    calibration === null
      ? 'calibration: none'
      : `calibration: { model: ${model}, slope: ${calibration.slope.toFixed(3)}, offset: ${calibration.offset.toFixed(3)}, measuredWith: "${measuredWith}" }`
  return [
    `${number}. ${rule}: touched by ${positives} of ${clips} clips`,
    ...(undecided === 0 ? [] : [`   ${undecided} not judged in part: the model said neither yes nor no`]),
    `   note  ${describeThreshold(note)}`,
    `   alert ${describeThreshold(alert)}`,
    `   average precision ${share(averagePrecision)}, Brier score ${share(brierScore)}, calibration error ${share(calibrationError)}`,
    `   ${line}`,
  ]
}

function describeThreshold({ threshold, precision, recall, right, wrong, missed }: ThresholdResult): string {
  const counts = `${right} right, ${wrong} wrong, ${missed} missed`
  return `from ${threshold.toFixed(2)}: precision ${share(precision)}, recall ${share(recall)} (${counts})`
}

function share(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(2)
}

async function write(option: string, file: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, content)
  } catch (cause) {
    const seen = cause instanceof Error && 'code' in cause ? cause.code : cause
    const message = `${file} cannot be written to (${seen}). Name a file in a folder that can be written to by ${option}.`
    throw new AppError('CONFIG_INVALID', message, { cause })
  }
}
