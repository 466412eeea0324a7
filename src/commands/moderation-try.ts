// `valley moderation try`: what rules say of one clip.
import type { Command } from 'commander'
import { plainLine, plainText } from '../../adapters/terminal/plain-text.ts'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { assertNever } from '../assert.ts'
import { clockTime } from '../conversation/clock-time.ts'
import type { Finding, NotLookedAt } from '../moderation/finding.ts'
import type { Look } from '../moderation/look-by-rules.ts'
import { readPolicyFile } from '../moderation/policy.ts'
import { calibrationWarning } from '../moderation/rule-calibration.ts'
import { spanText } from '../moderation/span-text.ts'
import { chooseModel } from './choose-model.ts'
import { type CommandContext, withContext } from './context.ts'
import { openLooker } from './open-looker.ts'

interface TryOptions {
  readonly rules: string
  readonly model?: string
  readonly json?: boolean
}

const EXAMPLES = `
Example:
  $ valley moderation try holiday.mp4 --rules rules.yaml
`

/** Adds the command to the group. */
export function registerModerationTry(group: Command): void {
  group
    .command('try')
    .summary('show what rules say of a clip')
    .description('Look at a clip by moderation rules and show what they find, where, and what was not looked at.')
    .argument('<clip>', 'path of the clip')
    .requiredOption('--rules <file>', 'the rules, a YAML file')
    .option('--model <dir>', 'folder of the model package (default: VALLEY_MODEL, else the only one in models/)')
    .option('--json', 'print one JSON object and nothing else')
    .addHelpText('after', EXAMPLES)
    .action((clip: string, options: TryOptions) => withContext((context) => tryRules(clip, options, context)))
}

async function tryRules(clip: string, options: TryOptions, { config, signal }: CommandContext): Promise<void> {
  const policy = await readPolicyFile(options.rules)
  const warning = calibrationWarning(policy)
  if (warning !== null) process.stderr.write(`${plainLine(`calibration: ${warning.seen}. ${warning.remedy}`)}\n`)
  const looker = await openLooker(await chooseModel(options.model, config), policy, config, signal)
  const progress = new ProgressLine(process.stderr)
  try {
    const look = await looker.look(clip, (done, total) => progress.show(`window ${done} of ${total}`))
    progress.clear()
    const text = options.json ? `${JSON.stringify(look)}\n` : `${describeLook(look).join('\n')}\n`
    process.stdout.write(plainText(text))
  } finally {
    progress.clear()
    await looker.close()
  }
}

/** What came of a look, a line each. */
export function describeLook({ policyVersion, model, durationSeconds, findings, notLookedAt, scores }: Look): string[] {
  const found = findings.map(describeFinding)
  return [
    `rules ${policyVersion}, model ${model}, clip of ${durationSeconds.toFixed(1)} s`,
    ...(found.length === 0 ? ['nothing found'] : found),
    ...notLookedAt.map((part) => `not looked at: ${describeNotLookedAt(part)}`),
    `highest scores: ${Object.entries(scores)
      .map(([rule, score]) => `${rule} ${score.toFixed(2)}`)
      .join(', ')}`,
  ]
}

/** E.g. `alert  weapons  0.93  0:02-0:05  frames at 2.1, 2.4 s`. */
function describeFinding({ level, rule, score, isCalibrated, flashes, ...span }: Finding): string {
  const times = span.frameTimesSeconds.map((time) => time.toFixed(1)).join(', ')
  const certainty = `${score.toFixed(2)}${isCalibrated ? ' calibrated' : ''}`
  const measured = flashes === undefined ? '' : `  ${flashes.flashesPerSecond} ${flashes.kind} flashes a second`
  return `${level.padEnd(5)}  ${rule}  ${certainty}  ${spanText(span)}  frames at ${times} s${measured}`
}

function describeNotLookedAt(part: NotLookedAt): string {
  switch (part.reason) {
    case 'too-long':
      return `${spanText(part)}, since it comes after look.maxDurationSeconds`
    case 'cut-off':
      return `what should come after ${clockTime(part.startSeconds)}, since the file is cut off there`
    case 'undecided':
      return `${spanText(part)} for ${part.rule}, since the model answers neither yes nor no`
    case 'failed':
      return `the clip (${part.code})`
    default:
      return assertNever(part)
  }
}
