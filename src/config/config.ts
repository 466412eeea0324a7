// Settings from one file and the environment, read and checked once and then plain frozen values. Everyone else receives
// them; nobody else reads process.env or the file.
import { existsSync } from 'node:fs'
import { delimiter, isAbsolute, join, relative, resolve } from 'node:path'
import { AppError } from '../errors.ts'
import {
  type Environment,
  type ProxyVariables,
  type ReadEnvironment,
  readEnvironment,
  type Secrets,
} from './environment.ts'
import { installationDirectory } from './installation.ts'
import { findMissingSecrets, isSwitchedOn, type PlatformName } from './platform-secrets.ts'
import { type Problem, problemText } from './problem.ts'
import { parseSettings, readSettingsFile } from './read-settings-file.ts'
import { discordShardOf, findRoleProblems, portOfShard, type Role } from './roles.ts'
import type { Settings } from './settings-schema.ts'

/** The groups of the platforms with `enabled` decided: `auto` looked at the secrets. */
type DecidedPlatforms = {
  readonly [Name in PlatformName]: Omit<Settings[Name], 'enabled'> & { readonly enabled: boolean }
}

/** What the operator can set, the environment over the file. Paths are absolute; src/config/settings-schema.ts explains. */
export interface Config extends Omit<Settings, PlatformName>, DecidedPlatforms {
  /** The settings file that was read; null when there is none. */
  readonly configFile: string | null
  /** PATH without its relative entries, which would look for programs wherever one happens to stand; null when empty. */
  readonly searchPath: string | null
  /** Where models are pulled from: the Hugging Face hub or a mirror of it (HF_ENDPOINT). */
  readonly hubEndpoint: string
  /** What stands between this machine and the hub (HTTPS_PROXY, HTTP_PROXY, NO_PROXY). */
  readonly proxy: ProxyVariables
  /** Which of Discord's shards this process serves, where each has a process of its own; else null. */
  readonly discordShard: number | null
  readonly secrets: Secrets
}

/** Where settings come from. */
export interface ConfigSource {
  /** The settings file; default VALLEY_CONFIG, else config/valley.yaml if it is there. Relative to the working folder. */
  readonly path?: string
  /** Default the process's own. */
  readonly environment?: Environment
  /** Also look for the secrets that the platforms need; default false, since most commands connect to none. */
  readonly withPlatforms?: boolean
  /** Before VALLEY_ROLE and the file. */
  readonly role?: Role
}

/** Settings, or null and all that is wrong with them. */
export interface ReadConfig {
  readonly config: Config | null
  readonly configFile: string | null
  readonly problems: readonly Problem[]
}

/** The Hugging Face hub. */
const DEFAULT_HUB_ENDPOINT = 'https://huggingface.co'
/** The file that is read when none is named. */
export const DEFAULT_CONFIG_FILE = join('config', 'valley.yaml')

/**
 * Reads the settings.
 * @throws AppError CONFIG_INVALID that names every problem at once, in one line
 */
export function loadConfig(source: ConfigSource = {}): Config {
  const { config, problems } = readConfig(source)
  if (config !== null) return config
  const count = `${problems.length} wrong ${problems.length === 1 ? 'value' : 'values'}`
  throw new AppError(
    'CONFIG_INVALID',
    `The settings have ${count}. ${problems.map(problemText).join('; ')}. Correct or unset what is named.`,
    { details: { problems: problems.length } },
  )
}

/** Reads the settings and gathers the problems; never throws. */
export function readConfig({
  path,
  environment = process.env,
  withPlatforms = false,
  role: asked,
}: ConfigSource = {}): ReadConfig {
  const set = readEnvironment(environment)
  const { variables, secrets } = set
  const configFile = configFileOf(path ?? variables.VALLEY_CONFIG)
  const read = configFile === null ? parseSettings('', '') : readSettingsFile(configFile, shortPath(configFile))
  const { settings, sound } = read
  const problems = [...read.problems, ...set.problems, ...findMissingPrograms(sound, configFile)]
  const role = asked ?? variables.VALLEY_ROLE ?? sound.role ?? 'all'
  if (withPlatforms) {
    const place = configFile === null ? 'settings' : shortPath(configFile)
    problems.push(...findRoleProblems(role, sound, secrets, place))
    if (role !== 'engine') problems.push(...findMissingSecrets(sound, secrets))
  }
  if (settings === null || problems.length > 0) return { config: null, configFile, problems }
  return { config: deepFreeze(configOf({ ...settings, role }, set, configFile, environment)), configFile, problems }
}

function configOf(
  settings: Settings,
  { variables, proxy, secrets }: ReadEnvironment,
  configFile: string | null,
  environment: Environment,
): Config {
  const home = installationDirectory()
  const shard = discordShardOf(environment)
  const { VALLEY_MODEL, VALLEY_MODELS_DIR, VALLEY_DATA_DIR, FFMPEG_PATH, FFPROBE_PATH } = variables
  const { modelDirectory, ffmpegPath, ffprobePath } = settings
  // In the file paths are relative to Valley's own folder, in variables to where one stands.
  const modelsDirectory =
    VALLEY_MODELS_DIR === undefined ? resolve(home, settings.modelsDirectory) : resolve(VALLEY_MODELS_DIR)
  const ofFile = (value: string | null) => (value === null ? null : resolve(home, value))
  const ofModel = (value: string | null) => (value === null ? null : modelDirectoryOf(value, modelsDirectory, home))
  return {
    ...settings,
    configFile,
    modelDirectory:
      VALLEY_MODEL === undefined ? ofModel(modelDirectory) : modelDirectoryOf(VALLEY_MODEL, modelsDirectory),
    modelsDirectory,
    dataDirectory: VALLEY_DATA_DIR === undefined ? resolve(home, settings.dataDirectory) : resolve(VALLEY_DATA_DIR),
    ffmpegPath: FFMPEG_PATH === undefined ? ofFile(ffmpegPath) : resolve(FFMPEG_PATH),
    ffprobePath: FFPROBE_PATH === undefined ? ofFile(ffprobePath) : resolve(FFPROBE_PATH),
    searchPath: searchPathOf(environment.PATH ?? ''),
    hubEndpoint: variables.HF_ENDPOINT ?? DEFAULT_HUB_ENDPOINT,
    proxy,
    logLevel: variables.VALLEY_LOG_LEVEL ?? settings.logLevel,
    threads: variables.VALLEY_THREADS ?? settings.threads,
    device: variables.VALLEY_DEVICE ?? settings.device,
    discord: { ...settings.discord, enabled: isSwitchedOn('discord', settings.discord.enabled, secrets) },
    // Slack is served once, by the process that started those of the shards.
    slack: { ...settings.slack, enabled: shard === null && isSwitchedOn('slack', settings.slack.enabled, secrets) },
    monitoring: { ...settings.monitoring, port: portOfShard(settings.monitoring.port, shard) },
    moderation: { ...settings.moderation, rulesFile: ofFile(settings.moderation.rulesFile) },
    discordShard: shard,
    secrets,
  }
}

function configFileOf(named: string | undefined): string | null {
  if (named !== undefined && named !== '') return resolve(named)
  const standard = join(installationDirectory(), DEFAULT_CONFIG_FILE)
  return existsSync(standard) ? standard : null
}

/** Relative to where one stands, where that is shorter. */
function shortPath(file: string): string {
  const fromHere = relative(process.cwd(), file)
  return fromHere.length < file.length ? fromHere : file
}

function findMissingPrograms(settings: Partial<Settings>, configFile: string | null): Problem[] {
  const wanted = [
    ['ffmpegPath', 'ffmpeg'],
    ['ffprobePath', 'ffprobe'],
  ] as const
  return wanted.flatMap(([key, program]) => {
    const path = settings[key]
    if (path === undefined || path === null || existsSync(resolve(installationDirectory(), path))) return []
    const text = `it is ${JSON.stringify(path)}; no such file; give the full path of ${program}`
    return [{ place: shortPath(configFile ?? DEFAULT_CONFIG_FILE), key, text }]
  })
}

/** A bare name means a package of the models folder; anything else is a path. */
function modelDirectoryOf(model: string, modelsDirectory: string, from = process.cwd()): string {
  const named = join(modelsDirectory, model)
  return !model.includes('/') && existsSync(named) ? named : resolve(from, model)
}

function searchPathOf(path: string): string | null {
  return path.split(delimiter).filter(isAbsolute).join(delimiter) || null
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) deepFreeze(child)
  }
  return value
}
