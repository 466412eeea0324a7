// `npm run bench:moderation`: how well a model package moderates. On the labelled clips of the sticker world it is calibrated and
// measured, with a table and threshold curves for its card; then forty clips are posted in five channels of Discord's double and
// of Slack's, and the alerts and the digest that come of them are held to what the clips show.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { projectPath } from './paths.mjs'
import { prepareOrExit } from './prepare.mjs'
import { runOnTerminal } from './run-tool.mjs'
import { say } from './say.mjs'

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    // Written by `python -m valley_training.sticker_world.moderation_set`.
    clips: { type: 'string', default: projectPath('training/runs/moderation') },
    // Rules of one's own, in the place of those that are calibrated on the clips.
    rules: { type: 'string' },
  },
})

/** Share of alerts that is to be right on the clips that scores are calibrated by. */
const PRECISION = '0.95'
const ACCEPTANCE = ['discord', 'slack'].map((platform) => `test/adapters/${platform}/moderation/forty-clips.test.ts`)

await prepareOrExit({ ffmpeg: true })
process.exitCode = await benchModeration()

/** @returns {Promise<number>} the exit status */
async function benchModeration() {
  const { model = process.env.VALLEY_MODEL } = values
  if (model === undefined) {
    say(
      'MODEL_MISSING: no model is named; a folder with a model package is needed. Name it by --model or VALLEY_MODEL.',
    )
    return 2
  }
  const clips = resolve(values.clips)
  const isDrawn = existsSync(join(clips, 'rules.yaml'))
  if (isDrawn) {
    const status = await measure(resolve(model), clips)
    if (status !== 0) return status
  } else {
    say(
      `${clips} has no labelled clips, so nothing is calibrated and measured; training/README.md says how they are drawn.`,
    )
  }
  const rules = values.rules ?? (isDrawn ? join(clips, 'calibrated.yaml') : undefined)
  return postFortyClips(resolve(model), rules === undefined ? undefined : resolve(rules), clips)
}

/**
 * Calibrates on one half of the clips and measures on the other.
 * @param {string} model
 * @param {string} clips
 * @returns {Promise<number>} the exit status
 */
async function measure(model, clips) {
  /** @param {string} file */
  const at = (file) => join(clips, file)
  const replay = [projectPath('src/setup/valley.mjs'), 'moderation', 'replay', '--model', model]
  const fit = ['--rules', at('rules.yaml'), '--write-rules', at('calibrated.yaml'), '--precision', PRECISION]
  const status = await runOnTerminal([...replay, at('fit'), ...fit])
  if (status !== 0) return status
  const written = ['--markdown', at('moderation.md'), '--picture', at('curves.png'), '--json', at('scores.json')]
  return runOnTerminal([...replay, at('measure'), '--rules', at('calibrated.yaml'), ...written])
}

/**
 * Posts the forty clips and prints what came of them.
 * @param {string} model
 * @param {string | undefined} rules those of the built-in categories when undefined
 * @param {string} folder for the report
 * @returns {Promise<number>} the exit status: 0 when all goals were reached on both platforms
 */
async function postFortyClips(model, rules, folder) {
  mkdirSync(folder, { recursive: true })
  const report = join(folder, 'forty-clips.txt')
  rmSync(report, { force: true })
  process.env.VALLEY_TEST_LENGTH = 'long'
  process.env.VALLEY_ACCEPTANCE_MODEL = model
  process.env.VALLEY_ACCEPTANCE_REPORT = report
  if (rules !== undefined) process.env.VALLEY_ACCEPTANCE_RULES = rules
  const config = ['--config', projectPath('config/vitest.config.ts')]
  // One after the other: each has a model of its own.
  const one = ['--no-file-parallelism']
  const status = await runOnTerminal([
    projectPath('node_modules/vitest/vitest.mjs'),
    'run',
    ...config,
    ...one,
    ...ACCEPTANCE,
  ])
  if (existsSync(report)) say(readFileSync(report, 'utf8').trimEnd())
  return status
}
