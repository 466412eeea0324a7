// `valley config check`: everything that is wrong with the settings and the moderation rules that they name, one line each.
import type { Command } from 'commander'
import { plainLine } from '../../adapters/terminal/plain-text.ts'
import { type Config, readConfig } from '../config/config.ts'
import { SECRET_NAMES } from '../config/environment.ts'
import { problemText } from '../config/problem.ts'
import { AppError } from '../errors.ts'
import { readPolicyFile } from '../moderation/policy.ts'
import { calibrationWarning } from '../moderation/rule-calibration.ts'

const EXAMPLES = `
Examples:
  $ valley config check
  $ valley config check my-settings.yaml

Looks at the file and at the environment as "npm start" would; connects to nothing. Ends with status 2 when something is
wrong.
`

/** Bad input, as the shell sees it. */
const EXIT_STATUS_WRONG = 2

/** Adds the command to the group. */
export function registerConfigCheck(group: Command): void {
  group
    .command('check')
    .summary('tell what is wrong with the settings')
    .description('Tell everything that is wrong with the settings, each with its line and what to do.')
    .argument('[file]', 'the settings file (default: VALLEY_CONFIG, else config/valley.yaml)')
    .addHelpText('after', EXAMPLES)
    .action((file: string | undefined) => check(file))
}

async function check(file: string | undefined): Promise<void> {
  const source = { withPlatforms: true, ...(file === undefined ? {} : { path: file }) }
  const { config, configFile, problems } = readConfig(source)
  if (config === null) {
    for (const problem of problems) print(problemText(problem))
    process.exitCode = EXIT_STATUS_WRONG
    return
  }
  print(configFile === null ? 'There is no settings file; every key has its default.' : `${configFile} is in order.`)
  for (const line of describeConfig(config)) print(line)
  const { rulesFile } = config.moderation
  if (rulesFile !== null) await checkRules(rulesFile)
}

async function checkRules(rulesFile: string): Promise<void> {
  try {
    const warning = calibrationWarning(await readPolicyFile(rulesFile))
    if (warning !== null) print(`Calibration of the moderation rules: ${warning.seen}. ${warning.remedy}`)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    print(error.message)
    process.exitCode = EXIT_STATUS_WRONG
  }
}

/** What the settings come to, in a few lines; no secret is shown. */
function describeConfig({ discord, slack, secrets, dataDirectory }: Config): string[] {
  const set = SECRET_NAMES.filter((name) => secrets[name] !== null)
  return [
    `Discord is ${discord.enabled ? 'on' : 'off'}, Slack is ${slack.enabled ? `on (${slack.mode})` : 'off'}.`,
    `Secrets in the environment: ${set.join(', ') || 'none'}.`,
    `What outlives the program is kept in ${dataDirectory}.`,
  ]
}

function print(line: string): void {
  process.stdout.write(`${plainLine(line)}\n`)
}
