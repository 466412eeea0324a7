// npm run bench:load: 200 questions that arrive in 10 s, over both platforms' doubles, at Valley as it is started, with the
// model that ships. Ends with status 1 when one was lost or acknowledged too late.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { BOT_EVENTS, BOT_SCOPES } from '../../adapters/slack/manifest.ts'
import { openDiscordDouble } from '../../test/doubles/discord/discord-double.ts'
import { openSlackDouble } from '../../test/doubles/slack/slack-double.ts'
import { type ReportTable, tableOf, writeReport } from '../report.ts'
import { type AskedQuestion, askAll } from './ask-all.ts'

const TABLE: ReportTable = {
  name: 'load',
  head: ['questions', 'by', 'answered', 'refused', 'lost', 'acknowledged: median', 'last', 'goal'],
  keys: [0, 1],
}
const ROOT = join(import.meta.dirname, '../..')
const PAGE = join(ROOT, 'BENCHMARKS.md')
const CLIPS = join(ROOT, 'models/valley-sticker-world/evaluation')
/** What both platforms take for a command; a post has none, and is held to the same. */
const ACKNOWLEDGE_MS = 3000
/** What deploy/valley.service gives. */
const MEMORY_GIBIBYTES = 6
const GIBIBYTE = 1024 ** 3
const LOOK_EVERY_MS = 500

const { values } = parseArgs({
  options: {
    questions: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '15' },
    write: { type: 'boolean', default: false },
  },
})
const [count, withinMs, limitMs] = [values.questions, values.seconds, values.minutes]
  .map(Number)
  .map((value, index) => value * [1, 1000, 60_000][index]!) as [number, number, number]

const folder = mkdtempSync(join(tmpdir(), 'valley-load-'))
const discord = await openDiscordDouble()
const slack = await openSlackDouble({ scopes: Object.keys(BOT_SCOPES), events: BOT_EVENTS })
const settings = {
  discord: { apiUrl: discord.rest.api },
  slack: { apiUrl: slack.apiUrl },
  trustedHosts: [discord.host, new URL(slack.origin).host],
  // All of them may wait; what comes beyond the default is refused with a sentence.
  limits: { maxQueueLength: count },
}
// JSON is YAML.
writeFileSync(join(folder, 'valley.yaml'), JSON.stringify(settings))
const valley = startValley()
try {
  await untilConnected(valley)
  await discord.waitUntil(() => discord.commands.length > 0, limitMs)
  const files = readdirSync(CLIPS).filter((name) => name.endsWith('.mp4'))
  const clips = files.slice(0, 20).map((name) => ({ name, bytes: readFileSync(join(CLIPS, name)) }))
  const begun = performance.now()
  const asked = await askAll({ discord, slack }, clips, { count, withinMs })
  while (asked.some((one) => one.ended() === null) && performance.now() - begun < limitMs) await sleep(LOOK_EVERY_MS)
  report(asked, (performance.now() - begun) / 1000, peakBytesOf(valley))
} finally {
  valley.kill('SIGTERM')
  if (valley.exitCode === null) await new Promise((resolve) => valley.once('close', resolve))
  await Promise.all([discord.close(), slack.close()])
  rmSync(folder, { recursive: true, force: true })
}

function report(asked: readonly AskedQuestion[], seconds: number, peakBytes: number): void {
  const ways = [...new Set(asked.map(({ by }) => by))].sort()
  const rows = ways.map((by) =>
    rowOf(
      by,
      asked.filter((one) => one.by === by),
    ),
  )
  const memory = `${(peakBytes / GIBIBYTE).toFixed(2)} GiB`
  const load = loadavg().map((value) => value.toFixed(1))
  rows.push([
    String(asked.length),
    'all',
    ...countsOf(asked),
    `in ${Math.round(seconds)} s`,
    `memory ${memory}`,
    `<= ${MEMORY_GIBIBYTES} GiB`,
  ])
  console.log(tableOf(TABLE, rows))
  console.log(`Load of the machine over 1, 5 and 15 minutes: ${load.join(', ')}`)
  if (values.write) writeReport(PAGE, TABLE, rows)
  const isLate = asked.some((one) => (one.acknowledgedAfterMs() ?? Number.POSITIVE_INFINITY) > ACKNOWLEDGE_MS)
  const isLost = asked.some((one) => one.ended() === null)
  if (isLate || isLost || peakBytes > MEMORY_GIBIBYTES * GIBIBYTE) process.exitCode = 1
}

function rowOf(by: string, asked: readonly AskedQuestion[]): string[] {
  const times = asked.map((one) => one.acknowledgedAfterMs() ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
  const [median, last] = [times[Math.floor(times.length / 2)]!, times.at(-1)!]
  const shown = [median, last].map((ms) => (Number.isFinite(ms) ? `${Math.round(ms)} ms` : 'never'))
  return [String(asked.length), by, ...countsOf(asked), ...shown, `< ${ACKNOWLEDGE_MS} ms`]
}

/** Answered, refused with a sentence, lost. */
function countsOf(asked: readonly AskedQuestion[]): string[] {
  const ends = asked.map((one) => one.ended())
  return ['answered', 'refused', null].map((end) => String(ends.filter((one) => one === end).length))
}

function startValley(): ChildProcess {
  const { PATH = '' } = process.env
  return spawn(process.execPath, [join(ROOT, 'dist/src/main.js')], {
    cwd: folder,
    env: {
      PATH,
      HOME: folder,
      TMPDIR: folder,
      VALLEY_CONFIG: join(folder, 'valley.yaml'),
      VALLEY_DATA_DIR: join(folder, 'data'),
      VALLEY_DEVICE: 'cpu',
      DISCORD_TOKEN: discord.token,
      SLACK_BOT_TOKEN: slack.team.botToken,
      SLACK_APP_TOKEN: slack.app.appToken,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

/** @throws Error with what it said, when it ends before */
async function untilConnected(child: ChildProcess): Promise<void> {
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.once('close', () => reject(new Error(`Valley has ended: ${said}`)))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000)
      if (said.includes('connected to Discord') && said.includes('Slack connected')) resolve()
    })
  })
}

/** Resident at most, as Linux counts it. */
function peakBytesOf({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024
}
