// What the environment may set: the place of the settings file, a few of its keys, and every secret.
import { existsSync } from 'node:fs'
import { z } from 'zod'
import type { Problem } from './problem.ts'
import { Secret } from './secret.ts'
import { findSecret } from './secret-files.ts'
import { DEVICES, LOG_LEVELS, MAX_THREADS, ROLES } from './settings-schema.ts'

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

const THREADS_ALLOWED = `allowed are whole numbers from 1 to ${MAX_THREADS}`

const variablesSchema = z.object({
  VALLEY_CONFIG: z.string().optional(),
  VALLEY_MODEL: z.string().optional(),
  VALLEY_MODELS_DIR: z.string().optional(),
  VALLEY_DATA_DIR: z.string().optional(),
  FFMPEG_PATH: z.string().refine(existsSync, 'no such file; give the full path of ffmpeg').optional(),
  FFPROBE_PATH: z.string().refine(existsSync, 'no such file; give the full path of ffprobe').optional(),
  HF_ENDPOINT: z.string().refine(isWebAddress, 'it is no address; give one like https://hub.example.com').optional(),
  VALLEY_LOG_LEVEL: z.enum(LOG_LEVELS, `allowed are ${LOG_LEVELS.join(', ')}`).optional(),
  VALLEY_DEVICE: z.enum(DEVICES, `allowed are ${DEVICES.join(', ')}`).optional(),
  VALLEY_ROLE: z.enum(ROLES, `allowed are ${ROLES.join(', ')}`).optional(),
  VALLEY_THREADS: z
    .string()
    .regex(/^[0-9]{1,4}$/, THREADS_ALLOWED)
    .transform(Number)
    .refine((threads) => threads >= 1 && threads <= MAX_THREADS, THREADS_ALLOWED)
    .optional(),
})

/** An address of a web server, without anything behind a question mark. */
function isWebAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, search, hash, username } = new URL(text)
  return (protocol === 'https:' || protocol === 'http:') && search === '' && hash === '' && username === ''
}

/** How each secret looks, so that two that were swapped are noticed; null: as it likes. */
const SECRET_LOOKS = {
  DISCORD_TOKEN: { look: /^\S+$/, hint: 'it holds a blank; give the token alone, without "Bot"' },
  SLACK_BOT_TOKEN: { look: /^xoxb-\S+$/, hint: 'it does not begin with xoxb-; give the bot user token' },
  SLACK_APP_TOKEN: { look: /^xapp-\S+$/, hint: 'it does not begin with xapp-; give an app-level token' },
  SLACK_SIGNING_SECRET: { look: /^\S+$/, hint: 'it holds a blank; copy the signing secret again' },
  SLACK_CLIENT_ID: { look: /^\S+$/, hint: 'it holds a blank; copy the client id again' },
  SLACK_CLIENT_SECRET: { look: /^\S+$/, hint: 'it holds a blank; copy the client secret again' },
  SLACK_STATE_SECRET: { look: /^.{16,}$/s, hint: 'it has fewer than 16 characters; take any long random text' },
  VALLEY_REDIS_URL: {
    look: /^rediss?:\/\/\S+$/,
    hint: 'it is no address of Redis; give one like redis://127.0.0.1:6379',
  },
  VALLEY_CLUSTER_KEY: { look: /^.{32,}$/s, hint: 'it has fewer than 32 characters; take any long random text' },
  HF_TOKEN: { look: /^\S+$/, hint: 'it holds a blank; give the token alone, without "Bearer"' },
  VALLEY_GENERATOR_KEY: { look: /^\S+$/, hint: 'it holds a blank; give the key alone, without "Bearer"' },
} as const satisfies Readonly<Record<string, { readonly look: RegExp; readonly hint: string }>>

/** Name of a secret; the variable that holds it. */
export type SecretName = keyof typeof SECRET_LOOKS
/** The secrets that are set; null for the others. */
export type Secrets = Readonly<Record<SecretName, Secret | null>>

/** Names of all secrets. */
export const SECRET_NAMES = Object.keys(SECRET_LOOKS) as readonly SecretName[]

/** Settings from variables, each absent when not set. */
export type Variables = Readonly<z.output<typeof variablesSchema>>

/** Proxies as the environment names them for every program; null for what is not set. */
export interface ProxyVariables {
  /** HTTPS_PROXY */
  readonly https: string | null
  /** HTTP_PROXY */
  readonly http: string | null
  /** NO_PROXY */
  readonly none: string | null
}

/** What the environment says; wrong variables are left out and named among the problems. */
export interface ReadEnvironment {
  readonly variables: Variables
  /** Not checked here: a machine may have them for other programs, and most commands need none. */
  readonly proxy: ProxyVariables
  readonly secrets: Secrets
  readonly problems: readonly Problem[]
}

/** Reads the variables. An empty one counts as not set. The values of secrets appear in no problem. */
export function readEnvironment(environment: Environment): ReadEnvironment {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const problems: Problem[] = []
  const parsed = variablesSchema.safeParse(set)
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = String(path[0])
    problems.push({ place: 'environment', key: `${name}=${JSON.stringify(set[name])}`, text: message })
  }
  const secrets = Object.fromEntries(
    SECRET_NAMES.map((name) => {
      const found = findSecret(name, set)
      if ('problem' in found) {
        problems.push({ place: 'environment', key: found.key, text: found.problem })
        return [name, null]
      }
      const { value } = found
      const { look, hint } = SECRET_LOOKS[name]
      if (value !== undefined && !look.test(value)) problems.push({ place: 'environment', key: name, text: hint })
      return [name, value === undefined ? null : new Secret(value)]
    }),
  ) as Record<SecretName, Secret | null>
  // In lower case goes first, as with curl.
  const either = (name: string) => set[name.toLowerCase()] ?? set[name] ?? null
  const proxy = { https: either('HTTPS_PROXY'), http: either('HTTP_PROXY'), none: either('NO_PROXY') }
  return { variables: parsed.data ?? {}, proxy, secrets: Object.freeze(secrets), problems }
}
