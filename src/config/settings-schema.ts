// Every key of the settings file with its type, default and one line of explanation. The example, the JSON schema and the
// messages about wrong values are all made from this.
import { z } from 'zod'

/** Names of the log's levels, quietest first. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const
/** What the model may be told to compute on. */
export const DEVICES = ['auto', 'cpu', 'webgpu'] as const
/** What of Valley a process does. */
export const ROLES = ['all', 'bot', 'engine'] as const
/** Languages that Valley's own sentences are there in. */
export const LOCALES = ['en', 'es', 'zh'] as const
/** More threads than the processors of one machine have. */
export const MAX_THREADS = 256
/** Frames that the video room decodes of one clip at most. */
const MAX_FRAMES = 1024
const MAX_PORT = 65_535

/** Text, or a number as YAML reads an id that stands without quotes. */
const id = z.union([z.string().min(1), z.int().min(0)]).transform(String)
const switchedOn = z.union([z.boolean(), z.literal('auto')]).default('auto')
const path = z.string().min(1).nullable().default(null)

/** Who or where: everything in `allow`, or all when that is empty, less what is in `deny`. */
function accessList(what: string) {
  const schema = z.strictObject({
    allow: z.array(id).prefault([]).describe(`Only these ${what}; empty means all.`),
    deny: z.array(id).prefault([]).describe(`Never these ${what}.`),
  })
  return schema.prefault({}).describe(`Which ${what} may use Valley, by id.`)
}

/** Who has a say beyond their own conversations, beside those whom the platform gives it. Lists of who is denied go before. */
const admins = {
  users: z.array(id).prefault([]).describe('Users who are admins, by id.'),
  roles: z.array(id).prefault([]).describe('Roles whose members are admins, by id.'),
}
const ADMINS = 'Who may stop the questions of others and moderate, beside those whom the platform lets; README.md.'

const clipLimits = {
  maxClipBytes: z
    .int()
    .min(1)
    .max(2 ** 40),
  maxDurationSeconds: z.number().positive().max(86_400),
  questionsPerUserPerMinute: z.int().min(1).max(1000),
  questionsPerGroupPerMinute: z.int().min(1).max(10_000),
}
const systemPrompt = z.string().min(1).max(4000)
const defaultQuestion = z.string().min(1).max(1000)
const frames = z.int().min(1).max(MAX_FRAMES)

const limits = z.strictObject({
  maxClipBytes: clipLimits.maxClipBytes.default(524_288_000).describe('Largest clip, bytes.'),
  maxDurationSeconds: clipLimits.maxDurationSeconds.default(1800).describe('Longest clip, seconds.'),
  maxQueueLength: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('Questions that may wait at once, over all threads.'),
  maxQueuePerUser: z.int().min(1).max(10_000).default(10).describe('Questions of one person that may wait at once.'),
  questionsPerUserPerMinute: clipLimits.questionsPerUserPerMinute
    .default(6)
    .describe('Questions of one person a minute.'),
  questionsPerGroupPerMinute: clipLimits.questionsPerGroupPerMinute
    .default(60)
    .describe('Questions of one guild or workspace a minute.'),
  threadIdleHours: z
    .number()
    .positive()
    .max(87_600)
    .default(168)
    .describe('A thread unused for so many hours is forgotten.'),
  maxThreads: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe('Threads kept at most; the one unused for longest is forgotten first.'),
  maxDatabaseBytes: z
    .int()
    .min(1_048_576)
    .max(2 ** 40)
    .default(1_073_741_824)
    .describe('Largest size of the database in the data directory, bytes.'),
})

const apiUrl = z
  .url({ protocol: /^https?$/ })
  .nullable()
  .default(null)

const discord = z.strictObject({
  enabled: switchedOn.describe('Connect to Discord: true, false, or auto for when DISCORD_TOKEN is set.'),
  messageContent: z
    .boolean()
    .default(false)
    .describe('Use the privileged message-content intent; only needed to answer without being mentioned.'),
  openThreads: z.boolean().default(true).describe('Open a thread for a conversation that begins in a channel.'),
  followThreads: z
    .boolean()
    .default(true)
    .describe('Answer in such a thread without a further mention; needs messageContent.'),
  directMessages: z.boolean().default(true).describe('Answer direct messages.'),
  guilds: accessList('guilds'),
  channels: accessList('channels'),
  roles: accessList('roles'),
  users: accessList('users'),
  admins: z.strictObject(admins).prefault({}).describe(ADMINS),
  noThreadChannels: z.array(id).prefault([]).describe('Channels in which no thread is opened.'),
  freeChannels: z
    .array(id)
    .prefault([])
    .describe('Channels in which every clip and question is answered without a mention; needs messageContent.'),
  shards: z
    .union([z.literal('auto'), z.int().min(1).max(1024)])
    .nullable()
    .default(null)
    .describe(
      'Processes for shards of many servers, for role bot: a number, or auto for what Discord recommends; null: one process.',
    ),
  apiUrl: apiUrl.describe("Base of Discord's API, for a proxy of your own; null: Discord's."),
})

const slack = z.strictObject({
  enabled: switchedOn.describe('Connect to Slack: true, false, or auto for when one of the SLACK_ variables is set.'),
  mode: z.enum(['socket', 'http']).default('socket').describe('How events arrive: socket (no open port) or http.'),
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on, for mode http and for OAuth.'),
  port: z.int().min(0).max(MAX_PORT).default(3000).describe('Port to listen on, for mode http and for OAuth.'),
  command: z.string().startsWith('/').default('/valley').describe('Name of the slash command, as in the app settings.'),
  oauth: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .describe('Let several workspaces install Valley; needs the SLACK_CLIENT_ variables.'),
      redirectUri: z
        .url({ protocol: /^https?$/ })
        .nullable()
        .default(null)
        .describe('Public address of /slack/oauth_redirect, as in the app settings.'),
    })
    .prefault({})
    .describe('Installation by OAuth, for more than one workspace.'),
  directMessages: z.boolean().default(true).describe('Answer direct messages, those in the assistant pane too.'),
  assistant: z
    .boolean()
    .default(true)
    .describe("Use Slack's assistant pane: a greeting, questions to choose from, a status and titles of threads."),
  workspaces: accessList('workspaces'),
  channels: accessList('channels'),
  users: accessList('users'),
  admins: z.strictObject({ users: admins.users }).prefault({}).describe(ADMINS),
  streaming: z
    .boolean()
    .default(true)
    .describe("Use Slack's own streaming where it works; otherwise replies grow by edits."),
  apiUrl: apiUrl.describe("Base of Slack's Web API, for a proxy of your own; null: Slack's."),
})

const personId = z
  .string()
  .refine(
    (text) => /^(discord:\d+|slack:[A-Z0-9]+:[A-Z0-9]+)$/.test(text),
    'name people by their ids, "discord:1234567890", in Slack with the workspace\'s: "slack:T012:U034"',
  )

const placeId = z
  .string()
  .refine(
    (text) => /^[a-z]+:\S+$/.test(text),
    'name it by platform and id, "discord:1234567890" or "slack:C0123456789"',
  )

const moderation = z.strictObject({
  rulesFile: path.describe('YAML file with the moderation rules, docs/moderation.md; null: nothing is watched.'),
  watch: z
    .array(
      z.strictObject({
        channelId: placeId.describe('Channel that is watched, with its threads.'),
        reportTo: placeId.describe('Channel that its alerts and digests go to.'),
      }),
    )
    .prefault([])
    .describe('Channels that are watched beside those that "/valley watch" names.'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'write a name of the IANA database, e.g. "Europe/Madrid"')
    .default('UTC')
    .describe('Time zone of days, weeks and hours in digests.'),
  digest: z.enum(['day', 'week', 'off']).default('day').describe('How often a digest is written; off: when asked for.'),
  digestHour: z.int().min(0).max(23).default(9).describe('Hour at which it is written, for the day or week before.'),
  maxClipsPerDay: z.int().min(1).max(1_000_000).default(500).describe('Clips of one server that are looked at a day.'),
  maxClipsPerPersonPerDay: z.int().min(1).max(1_000_000).default(100).describe('Of them, clips of one person.'),
  retentionDays: z.int().min(1).max(3650).default(30).describe('Days that records are kept.'),
  actions: z
    .array(z.enum(['delete', 'time-out', 'thread']))
    .prefault([])
    .describe('What buttons under alerts may do on the platform; none unless named here.'),
  moderators: z
    .array(personId)
    .prefault([])
    .describe(
      'People who may moderate beside admins and those whom the platform lets: "discord:1234567890", "slack:T012:U034".',
    ),
})

const monitoring = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address that the monitoring port listens on; beyond this machine only where a firewall says for whom.'),
  port: z
    .int()
    .min(0)
    .max(MAX_PORT)
    .nullable()
    .default(null)
    .describe('Port of /health, /ready, /status and /metrics, e.g. 9464; null: none is opened.'),
})

const channelOverride = z.strictObject({
  systemPrompt: systemPrompt.optional().describe("Replaces the model's system prompt."),
  defaultQuestion: defaultQuestion.optional().describe('Asked of a clip that comes without words.'),
  locale: z.enum(LOCALES).optional().describe("Language of Valley's own sentences."),
  frames: frames.optional().describe('Frames to look at in each clip.'),
  storyboard: z.boolean().optional().describe('Whether replies end with a strip of the frames looked at.'),
  maxClipBytes: clipLimits.maxClipBytes.optional().describe('Largest clip, bytes.'),
  maxDurationSeconds: clipLimits.maxDurationSeconds.optional().describe('Longest clip, seconds.'),
  questionsPerUserPerMinute: clipLimits.questionsPerUserPerMinute
    .optional()
    .describe('Questions of one person a minute.'),
  questionsPerGroupPerMinute: clipLimits.questionsPerGroupPerMinute
    .optional()
    .describe('Questions of one guild or workspace a minute.'),
})

const redis = z.strictObject({
  prefix: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/)
    .default('valley')
    .describe('First part of every key in Redis; installations that share one have one each.'),
})

/** The settings file as a whole. */
export const settingsSchema = z.strictObject({
  role: z
    .enum(ROLES)
    .default('all')
    .describe('What this process does: all; or bot (platforms) or engine (model), joined by Redis, docs/scaling.md.'),
  modelDirectory: path.describe('Model package: a name under modelsDirectory or a folder; null: the only one there.'),
  modelsDirectory: z.string().min(1).default('models').describe('Folder of model packages.'),
  frames: frames.nullable().default(null).describe("Frames to look at in each clip; null: the model's own number."),
  maxAnswerTokens: z
    .int()
    .min(1)
    .max(100_000)
    .nullable()
    .default(null)
    .describe('Longest answer, tokens; null: 256, less for a model with a small context.'),
  threads: z
    .int()
    .min(1)
    .max(MAX_THREADS)
    .nullable()
    .default(null)
    .describe('Threads that the model computes with; null: one for each physical core.'),
  device: z
    .enum(DEVICES)
    .default('auto')
    .describe('What the model computes on: cpu, webgpu (a GPU), or auto: a GPU where one opens, else the CPU.'),
  memoryMiB: z
    .int()
    .min(64)
    .nullable()
    .default(null)
    .describe(
      'Memory for what is kept of clips and conversations, beside the model, MiB; null: a quarter of the machine.',
    ),
  gpuMemoryMiB: z
    .int()
    .min(64)
    .nullable()
    .default(null)
    .describe(
      'Memory of a GPU for answers under way, beside the model, MiB; null: 2048. Answers that need more together wait.',
    ),
  dataDirectory: z.string().min(1).default('data').describe('Folder for what outlives the program; on a local disk.'),
  locale: z
    .enum(['auto', ...LOCALES])
    .default('auto')
    .describe("Language of Valley's own sentences; auto: what the platform says of each person."),
  systemPrompt: systemPrompt.nullable().default(null).describe("Replaces the model's system prompt; null: its own."),
  defaultQuestion: defaultQuestion.default('Describe this clip.').describe('Asked of a clip that comes without words.'),
  storyboard: z.boolean().default(true).describe('End replies with a strip of the frames that were looked at.'),
  logLevel: z
    .enum(LOG_LEVELS)
    .nullable()
    .default(null)
    .describe('Least grave level of the log, on stderr; null: info for npm start, warn for commands.'),
  ffmpegPath: path.describe('The program ffmpeg; null: the one on PATH.'),
  ffprobePath: path.describe('The program ffprobe; null: the one on PATH.'),
  trustedHosts: z
    .array(z.string().min(1))
    .default([])
    .describe("Hosts beside the platforms' own that clips may come from, even private ones: a proxy of your own."),
  stopTimeoutSeconds: z
    .number()
    .positive()
    .max(600)
    .default(20)
    .describe('How long running answers may take to end when Valley is stopped.'),
  limits: limits.prefault({}).describe('What one person, one group and all together may ask for.'),
  redis: redis.prefault({}).describe('Redis, for the roles bot and engine; its address comes from VALLEY_REDIS_URL.'),
  discord: discord.prefault({}).describe('Discord; its token comes from DISCORD_TOKEN.'),
  slack: slack.prefault({}).describe('Slack; its secrets come from the SLACK_ variables.'),
  moderation: moderation.prefault({}).describe('Watching channels for moderators; docs/moderation.md.'),
  monitoring: monitoring.prefault({}).describe('Looking at Valley from outside; docs/operations.md.'),
  channels: z
    .record(z.string().regex(/^[a-z]+:.+$/), channelOverride)
    .default({})
    .describe(
      'Settings of single channels, guilds or workspaces, by platform and id: "discord:1234567890", "slack:C0123456789".',
    ),
})

/** The settings file with defaults filled in; paths as they were written. */
export type Settings = z.output<typeof settingsSchema>

/** True for a name that Intl knows. */
function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
