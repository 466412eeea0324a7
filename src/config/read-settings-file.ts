// The settings file: YAML, checked whole, so that everything wrong with it is told at once, each with its line.
import { readFileSync } from 'node:fs'
import { checkYaml, valueAt } from './check-yaml.ts'
import { SETTINGS_JSON_SCHEMA } from './json-schema.ts'
import type { Problem } from './problem.ts'
import { type Settings, settingsSchema } from './settings-schema.ts'

/** The settings, or null and what is wrong with them. */
export interface ReadSettings {
  readonly settings: Settings | null
  /** The keys of the first level that are in order by themselves, with their defaults; all of them when nothing is wrong. */
  readonly sound: Partial<Settings>
  readonly problems: readonly Problem[]
}

const FORM = {
  schema: settingsSchema,
  jsonSchema: SETTINGS_JSON_SCHEMA,
  keyRule: 'a channel is named by platform and id; write e.g. "discord:1234567890" or "slack:C0123456789"',
}

/** Reads and checks a file; never throws. @param shownPath the path as people know it, for the problems */
export function readSettingsFile(file: string, shownPath = file): ReadSettings {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const seen = error instanceof Error && 'code' in error ? error.code : error
    const remedy = 'name a file that is there and may be read; "valley config example" prints one to begin with'
    const problem = { place: shownPath, key: '', text: `it cannot be read (${seen}); ${remedy}` }
    return { settings: null, sound: {}, problems: [problem] }
  }
  return parseSettings(text, shownPath)
}

/** Checks the text of a settings file; an empty one is all defaults. */
export function parseSettings(text: string, shownPath: string): ReadSettings {
  const { value, written, problems } = checkYaml(text, shownPath, FORM)
  if (value !== null) return { settings: value, sound: value, problems }
  return { settings: null, sound: written === undefined ? {} : soundKeys(written), problems }
}

/** What can be looked at further although another key is wrong, so that all problems are told at once. */
function soundKeys(value: unknown): Partial<Settings> {
  const entries = Object.entries(settingsSchema.shape).flatMap(([key, schema]) => {
    const parsed = schema.safeParse(valueAt(value, [key]))
    return parsed.success ? [[key, parsed.data]] : []
  })
  return Object.fromEntries(entries)
}
