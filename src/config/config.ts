// Settings from the environment, read and checked once and then plain frozen values. Everyone else receives them; nobody
// else reads process.env.
import { existsSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { installationDirectory } from './installation.ts'

/** Names of the log's levels, quietest first. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const

/** What the operator can set. Paths are absolute. */
export interface Config {
  /** VALLEY_MODEL: folder of the model package to use; null means the only one under modelsDirectory. */
  readonly modelDirectory: string | null
  /** VALLEY_MODELS_DIR: folder of model packages; default `models` beside package.json. */
  readonly modelsDirectory: string
  /** FFMPEG_PATH; null means the one on searchPath. */
  readonly ffmpegPath: string | null
  /** FFPROBE_PATH; null means the one on searchPath. */
  readonly ffprobePath: string | null
  /** PATH without its relative entries, which would look for programs wherever one happens to stand; null when empty. */
  readonly searchPath: string | null
  /** VALLEY_LOG_LEVEL; default warn. */
  readonly logLevel: (typeof LOG_LEVELS)[number]
  /** VALLEY_THREADS: threads of the model, 1 to 256; null means as many as there are physical cores. */
  readonly threads: number | null
}

const MAX_THREADS = 256

const variablesSchema = z.object({
  VALLEY_MODEL: z.string().optional(),
  VALLEY_MODELS_DIR: z.string().optional(),
  FFMPEG_PATH: z.string().refine(existsSync, 'no such file; give the full path of ffmpeg').optional(),
  FFPROBE_PATH: z.string().refine(existsSync, 'no such file; give the full path of ffprobe').optional(),
  VALLEY_LOG_LEVEL: z.enum(LOG_LEVELS, `allowed are ${LOG_LEVELS.join(', ')}`).default('warn'),
  VALLEY_THREADS: z
    .string()
    .regex(/^[0-9]{1,4}$/, `allowed are whole numbers from 1 to ${MAX_THREADS}`)
    .transform(Number)
    .refine((threads) => threads >= 1 && threads <= MAX_THREADS, `allowed are whole numbers from 1 to ${MAX_THREADS}`)
    .optional(),
})

/**
 * Reads the settings.
 * @param environment variables by name; an empty one counts as not set
 * @throws AppError CONFIG_INVALID that names every problem at once, in one line
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = variablesSchema.safeParse(set)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => {
      const name = String(path[0])
      return `${name}=${JSON.stringify(set[name])}: ${message}`
    })
    throw new AppError(
      'CONFIG_INVALID',
      `The environment has ${problems.length} wrong ${problems.length === 1 ? 'value' : 'values'}. ` +
        `${problems.join('; ')}. Correct or unset what is named.`,
      { details: { problems: problems.length } },
    )
  }
  const { VALLEY_MODEL, VALLEY_MODELS_DIR, FFMPEG_PATH, FFPROBE_PATH, VALLEY_LOG_LEVEL, VALLEY_THREADS } = parsed.data
  const modelsDirectory = resolve(VALLEY_MODELS_DIR ?? join(installationDirectory(), 'models'))
  return Object.freeze({
    modelDirectory: VALLEY_MODEL === undefined ? null : modelDirectoryOf(VALLEY_MODEL, modelsDirectory),
    modelsDirectory,
    ffmpegPath: FFMPEG_PATH === undefined ? null : resolve(FFMPEG_PATH),
    ffprobePath: FFPROBE_PATH === undefined ? null : resolve(FFPROBE_PATH),
    searchPath: searchPathOf(set.PATH ?? ''),
    logLevel: VALLEY_LOG_LEVEL,
    threads: VALLEY_THREADS ?? null,
  })
}

/** A bare name means a package of the models folder; anything else is a path. */
function modelDirectoryOf(model: string, modelsDirectory: string): string {
  const named = join(modelsDirectory, model)
  return !model.includes('/') && existsSync(named) ? named : resolve(model)
}

function searchPathOf(path: string): string | null {
  return path.split(delimiter).filter(isAbsolute).join(delimiter) || null
}
