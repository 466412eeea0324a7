// Reads a language file.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { checkYaml } from '../../config/check-yaml.ts'
import { problemText } from '../../config/problem.ts'
import type { SchemaNode } from '../../config/schema-node.ts'
import { dataError } from '../data-error.ts'
import { type LanguageWords, languageSchema } from './language-schema.ts'

const ENDING = '.yaml'
const FORM = { schema: languageSchema, jsonSchema: z.toJSONSchema(languageSchema, { io: 'input' }) as SchemaNode }

/**
 * Reads every language of a folder.
 * @returns words by the name of the language, e.g. `en`
 * @throws AppError DATASET_INVALID that names everything wrong with a file
 */
export async function readLanguages(folder: string): Promise<ReadonlyMap<string, LanguageWords>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ENDING)).toSorted()
  const entries = names.map(async (name) => {
    const path = join(folder, name)
    const { value, problems } = checkYaml(await readFile(path, 'utf8'), path, FORM)
    if (value === null)
      throw dataError(`A language is wrong. ${problems.map(problemText).join('; ')}. Correct what is named.`)
    return [name.slice(0, -ENDING.length), value] as const
  })
  return new Map(await Promise.all(entries))
}
