// The models that people can choose from, as models/catalogue.json lists them. Sizes of downloads are those of the hub's
// pages, rounded; before anything is downloaded the hub itself is asked.
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '../errors.ts'

/** What is said of a model's speed; docs/models.md says what each means. */
export const SPEED_CLASSES = ['fast', 'medium', 'slow'] as const

const modelSchema = z.strictObject({
  /** `owner/name` on the hub */
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  /** Name in config.json's `architectures`. */
  architecture: z.string(),
  /** As the hub writes it. */
  licence: z.string(),
  /** What is downloaded, gigabytes. */
  downloadGigabytes: z.number().positive(),
  /** Precision that a pull builds unless told otherwise. */
  precision: z.enum(['fp32', 'fp16', 'int8', 'int4']),
  /** Memory of the running model at that precision, gigabytes. */
  memoryGigabytes: z.number().positive(),
  speed: z.enum(SPEED_CLASSES),
  description: z.string(),
})
const catalogueSchema = z.strictObject({ note: z.string(), models: z.array(modelSchema) })

/** One model of the catalogue. */
export type CatalogueModel = z.infer<typeof modelSchema>

/**
 * Reads the catalogue.
 * @param path of catalogue.json
 * @throws AppError CONFIG_INVALID when it is missing or was written wrongly
 */
export async function readCatalogue(path: string): Promise<readonly CatalogueModel[]> {
  try {
    return catalogueSchema.parse(JSON.parse(await readFile(path, 'utf8'))).models
  } catch (cause) {
    const problem =
      cause instanceof z.ZodError
        ? cause.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
        : String(cause)
    throw new AppError(
      'CONFIG_INVALID',
      `The catalogue ${path} cannot be used (${problem}). Restore it from the repository, or correct what is named.`,
      { details: { file: path }, cause },
    )
  }
}

/** The catalogue's entry of a repository, whatever its capitals. */
export function findModel(models: readonly CatalogueModel[], repository: string): CatalogueModel | undefined {
  return models.find((model) => model.repository.toLowerCase() === repository.toLowerCase())
}
