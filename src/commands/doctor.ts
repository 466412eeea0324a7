// `valley doctor`: is everything there that an answer needs? One line a finding, with what to do about each problem.
import type { Command } from 'commander'
import { plainLine } from '../../adapters/terminal/plain-text.ts'
import { withContext } from './context.ts'
import { checkConfig, checkFfmpeg, checkNode, checkPackages, checkProviders, type Finding } from './doctor-checks.ts'
import { checkModeration } from './doctor-moderation.ts'
import { checkRedis } from './doctor-redis.ts'
import { checkDataDirectory, checkPlatforms } from './doctor-start.ts'

const EXAMPLES = `
Example:
  $ valley doctor

Asks the platforms that are switched on, and changes nothing there. Ends with status 1 when something that "valley ask"
needs is missing.
`

/** Adds the command. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('check that everything needed is there')
    .description(
      'Check Node, settings, ffmpeg, execution providers, model packages with their hashes, free memory, the data ' +
        'directory, moderation rules, and with Discord and Slack their tokens, intents and scopes.',
    )
    .addHelpText('after', EXAMPLES)
    .action(examine)
}

async function examine(): Promise<void> {
  const { config, finding } = checkConfig()
  if (config === null) {
    // Without settings neither tools nor models can be looked for.
    print(checkNode())
    print(finding)
    process.exitCode = 1
    return
  }
  await withContext(async ({ signal }) => {
    const findings = [checkNode(), finding]
    for (const found of findings) print(found)
    for (const look of [
      async () => [await checkFfmpeg(config, signal)],
      () => checkProviders(config),
      () => checkPackages(config, signal),
      async () => [await checkDataDirectory(config)],
      () => checkModeration(config),
      () => checkPlatforms(config, signal),
      () => checkRedis(config),
    ]) {
      const found = await look()
      for (const each of found) print(each)
      findings.push(...found)
      signal.throwIfAborted()
    }
    if (!canAsk(findings)) process.exitCode = 1
  })
}

/** True when nothing that `valley ask` needs is a problem; of several model packages one that is in order is enough. */
export function canAsk(findings: readonly Finding[]): boolean {
  const models = findings.filter(({ matter, needed }) => matter.startsWith('model ') && needed)
  const others = findings.filter(({ matter }) => !matter.startsWith('model '))
  const isModelReady = models.length === 0 || models.some(({ state }) => state === 'ok')
  return isModelReady && others.every(({ state, needed }) => state !== 'problem' || !needed)
}

function print({ state, matter, seen, remedy }: Finding): void {
  const line = `${state.padEnd(7)}  ${matter}: ${seen}${remedy === undefined ? '' : ` -> ${remedy}`}`
  process.stdout.write(`${plainLine(line)}\n`)
}
