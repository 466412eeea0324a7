// The recipe of an instruction set: what is asked of the language model for each task, and what its answers must be.
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { checkYaml } from '../../config/check-yaml.ts'
import { problemText } from '../../config/problem.ts'
import type { SchemaNode } from '../../config/schema-node.ts'
import { dataError, fileErrorText } from '../data-error.ts'

/** The tasks of the paper. */
export const TASK_NAMES = [
  'detailed-description',
  'conversation',
  'complex-reasoning',
  'causal-inference',
  'character-identification',
] as const

/** Name of a task. */
export type TaskName = (typeof TASK_NAMES)[number]

const text = z.string().min(1)
const share = z.number().min(0).max(1)

const taskSchema = z.strictObject({
  weight: z
    .number()
    .min(0)
    .max(1000)
    .describe('How many of the clips that a task can be made of get it, beside the others.'),
  needs: z
    .enum(['caption', 'sentences'])
    .default('caption')
    .describe('What a row must have: a caption, or sentences with times.'),
  prompt: text.describe('What is said to the model before it gets what is known of the clip.'),
  minTurns: z.number().int().min(1).max(20).describe('Fewest questions of a dialogue.'),
  minWords: z.number().int().min(1).max(2000).describe('Fewest words of each answer.'),
  maxWords: z.number().int().min(1).max(2000).describe('Most words of each answer.'),
  minGrounded: share.describe('Least share of what the source speaks of that the dialogue must speak of.'),
})

/** A recipe as it is written. */
export const recipeSchema = z.strictObject({
  rules: text.describe('Said with the prompt of every task.'),
  giveaways: z
    .record(text, z.array(text).min(1))
    .describe('By language, words that give away that only a text was seen.'),
  tasks: z.partialRecord(z.enum(TASK_NAMES), taskSchema),
})

/** What a task asks for. */
export type Task = z.infer<typeof taskSchema>
/** All tasks, with what holds for each. */
export type Recipe = z.infer<typeof recipeSchema>

const FORM = { schema: recipeSchema, jsonSchema: z.toJSONSchema(recipeSchema, { io: 'input' }) as SchemaNode }

/**
 * Reads a recipe.
 * @throws AppError DATASET_INVALID that names everything wrong with it
 */
export async function readRecipe(file: string): Promise<Recipe> {
  let content: string
  try {
    content = await readFile(file, 'utf8')
  } catch (cause) {
    throw dataError(`The recipe ${file} cannot be read (${fileErrorText(cause)}). Name a YAML file by --recipe.`, cause)
  }
  const { value, problems } = checkYaml(content, file, FORM)
  if (value === null)
    throw dataError(`The recipe is wrong. ${problems.map(problemText).join('; ')}. Correct what is named.`)
  return value
}
