// Labelled clips: a folder with clips and labels.yaml, which says of each clip which rules it touches.
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { checkYaml } from '../../config/check-yaml.ts'
import { problemText } from '../../config/problem.ts'
import type { SchemaNode } from '../../config/schema-node.ts'
import { AppError } from '../../errors.ts'

/** Name of the file with the labels. */
export const LABELS_FILE = 'labels.yaml'

const rules = z.array(z.string().min(1)).default([])
const labelsSchema = z.strictObject({
  clips: z
    .array(
      z.strictObject({
        file: z
          .string()
          .min(1)
          .refine((file) => !/^\/|\\|(^|\/)\.\.(\/|$)/.test(file), 'it must lie in the folder of the labels'),
        shows: rules.describe('Names of the rules that it touches; it touches no other.'),
        unsure: rules.describe('Names of rules that it is not counted for.'),
      }),
    )
    .min(1),
})
const FORM = { schema: labelsSchema, jsonSchema: z.toJSONSchema(labelsSchema, { io: 'input' }) as SchemaNode }

/** A clip with what is right about it. */
export interface LabelledClip {
  /** Absolute path. */
  readonly path: string
  /** As the labels name it. */
  readonly file: string
  readonly shows: ReadonlySet<string>
  readonly unsure: ReadonlySet<string>
}

/**
 * Reads the labels of a folder. Whether the clips are there is seen when they are looked at.
 * @param ruleNames rules that the labels may name
 * @throws AppError POLICY_INVALID that names every problem at once, in one line
 */
export async function readLabelledClips(folder: string, ruleNames: readonly string[]): Promise<LabelledClip[]> {
  const file = join(folder, LABELS_FILE)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    const seen = cause instanceof Error && 'code' in cause ? cause.code : cause
    throw invalid(`${file} cannot be read (${seen}); a folder with clips and ${LABELS_FILE} is needed`, cause)
  }
  const { value, problems } = checkYaml(text, file, FORM)
  if (value === null) throw invalid(`The labels are wrong: ${problems.map(problemText).join('; ')}`)
  const named = value.clips.flatMap(({ shows, unsure }) => [...shows, ...unsure])
  const unknown = [...new Set(named)].filter((name) => !ruleNames.includes(name))
  if (unknown.length > 0) {
    throw invalid(`${file} names ${unknown.join(', ')}; the rules are ${ruleNames.join(', ')}`)
  }
  return value.clips.map((clip) => ({
    path: resolve(folder, clip.file),
    file: clip.file,
    shows: new Set(clip.shows),
    unsure: new Set(clip.unsure),
  }))
}

function invalid(what: string, cause?: unknown): AppError {
  return new AppError('POLICY_INVALID', `${what}. docs/moderation.md has the format of ${LABELS_FILE}.`, { cause })
}
