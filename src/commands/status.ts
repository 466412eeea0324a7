// `valley status`: asks the Valley that runs here how it stands.
import type { Command } from 'commander'
import { plainLine } from '../../adapters/terminal/plain-text.ts'
import { AppError } from '../errors.ts'
import type { StatusReport } from '../monitoring/status-report.ts'
import { withContext } from './context.ts'
import { byteText } from './number-text.ts'

const EXAMPLES = `
Examples:
  $ valley status
  $ valley status --json

Needs monitoring.port in the settings of the Valley that runs. Ends with status 0 when it takes questions, else with 1.
`

const ANSWER_TIMEOUT_MS = 3000
/** Listening on all addresses is reached by the machine's own. */
const OWN_ADDRESSES: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]', '::1': '[::1]' }

const PHASES: Readonly<Record<StatusReport['phase'], string>> = {
  starting: 'is starting: the model is being loaded',
  unconnected: 'runs, but a platform is not connected',
  ready: 'takes questions',
  stopping: 'is stopping',
}

/** Adds the command. */
export function registerStatus(program: Command): void {
  program
    .command('status')
    .summary('tell how the Valley that runs here stands')
    .description('Tell how the Valley that runs here stands: platforms, questions, model, memory.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((options: { readonly json?: boolean }) => tellStatus(options.json ?? false))
}

async function tellStatus(asJson: boolean): Promise<void> {
  await withContext(async ({ config: { monitoring }, signal }) => {
    const { host, port } = monitoring
    if (port === null) {
      throw new AppError(
        'CONFIG_INVALID',
        'monitoring.port is null; a port is needed to ask a running Valley. Set it, e.g. to 9464, and start Valley again.',
      )
    }
    const address = `http://${OWN_ADDRESSES[host] ?? host}:${port}/status`
    const report = await askStatus(address, signal)
    if (report === null) print(`Nobody answers at ${address}: Valley does not run, or with other settings.`)
    else if (asJson) print(JSON.stringify(report))
    else for (const line of describeStatus(report)) print(line)
    if (report?.phase !== 'ready') process.exitCode = 1
  })
}

/** The report; null when nobody answers. */
async function askStatus(address: string, signal: AbortSignal): Promise<StatusReport | null> {
  try {
    const response = await fetch(address, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]) })
    return response.ok ? ((await response.json()) as StatusReport) : null
  } catch {
    signal.throwIfAborted()
    return null
  }
}

/** The report in a few lines. */
export function describeStatus(report: StatusReport): string[] {
  const { version, model, device, phase, uptimeSeconds, platforms, questions, cluster, residentBytes } = report
  const connected = Object.entries(platforms).map(([name, is]) => `${name} ${is ? 'connected' : 'not connected'}`)
  return [
    `Valley ${version} ${PHASES[phase]}; up for ${uptimeSeconds} s.`,
    `Platforms: ${connected.join(', ') || 'none'}.`,
    `Questions: ${questions.running} running, ${questions.waiting} waiting.`,
    ...(cluster === null
      ? []
      : [`Engines: ${cluster.engines}; of all bots ${cluster.running} questions running, ${cluster.waiting} waiting.`]),
    `Model ${model}${device === null ? '' : ` on ${device}`}; ${byteText(residentBytes)} of memory.`,
  ]
}

function print(line: string): void {
  process.stdout.write(`${plainLine(line)}\n`)
}
