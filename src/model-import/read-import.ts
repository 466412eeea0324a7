// What an imported package says of itself: the settings of the checkpoint, less what its graphs have done already. They
// begin at pixel values and end at projected features, so pooling before the projector lies behind them.
import { AppError } from '../errors.ts'
import { readJson } from '../model-build/checkpoint-config.ts'
import type { Checkpoint } from '../model-build/checkpoint-description.ts'
import { FAMILIES } from '../model-build/families.ts'
import type { Family } from '../model-build/family.ts'
import { checkFamilyConfig, type FamilyConfig, languageFactsOf, towerFactsOf } from '../model-build/family-config.ts'
import { readFamilyFacts } from '../model-build/family-facts.ts'
import { requireFolder } from '../model-build/named-folder.ts'
import { pixelRecipes, readProcessors } from '../model-build/preprocessor-config.ts'
import type { FrameTokensRecipe, ModelManifest } from '../model-package/manifest.ts'
import { pooledSize } from '../valley/spatial-pooling.ts'

/** An import before its graphs are read. */
export interface ImportedModel extends Pick<Checkpoint, 'facts' | 'tokenizer' | 'chatTemplate'> {
  readonly vision: ModelManifest['vision']
  readonly language: ModelManifest['language']
}

/** Families with newline rows: they are no part of the layout's graphs. */
const WITHOUT_NEWLINES =
  'Imported without the rows that end its lines and clips, and without looking at pictures in parts.'

/**
 * Reads the settings of a folder in the layout.
 * @throws AppError CHECKPOINT_UNSUPPORTED, CHECKPOINT_INVALID; CONFIG_INVALID for a folder that is not there
 */
export async function readImport(directory: string): Promise<ImportedModel> {
  await requireFolder(directory, 'for the import')
  const json = await readJson(directory, 'config.json')
  const family = familyOf(directory, json)
  const config = checkFamilyConfig(directory, json)
  const tower = towerFactsOf(directory, config, config.vision_feature_layer ?? family.featureLayer, false)
  const language = languageFactsOf(config, family.tiedByDefault ?? false)
  const processors = await readProcessors(directory)

  const video = family.video(config, processors.video.processor)
  const image = family.image(config, processors.image.processor)
  const pooled = video.pool?.at === 'before-projector' ? video.pool.by : null
  const imagePooled = image.pool?.at === 'before-projector' ? image.pool.by : null
  if (JSON.stringify(pooled) !== JSON.stringify(imagePooled) || family.towers.video !== family.towers.image) {
    throw unsupported(
      directory,
      family,
      'has another way for clips than for pictures, and the layout one graph for both',
    )
  }
  const grid = Math.floor(tower.imagePixels / tower.patchPixels)
  const side = pooled === null ? grid : pooledSize(grid, pooled).side
  const keepsClass = tower.kind !== 'siglip' && keepsClassOf(config, family)
  const frameTokens = { video: left(video, keepsClass, family), image: left(image, keepsClass, family) }

  const shapes = { patches: side ** 2, vocabulary: language.vocabulary, context: language.context }
  const split = frameTokens.image.tiling !== null
  const read = await readFamilyFacts(directory, {
    config,
    family,
    form: undefined,
    shapes,
    frames: family.frames(processors.video.processor),
    frameTokens,
    pixels: pixelRecipes(directory, processors, tower.imagePixels, family, split),
  })
  const description = family.hasNewline ? `${family.description} ${WITHOUT_NEWLINES}` : family.description
  const { imagePixels, heads, blocks } = tower
  const { width, layers, keyValueHeads, headWidth, vocabulary, context } = language
  return {
    ...read,
    facts: { ...read.facts, description },
    vision: {
      imagePixels,
      patchPixels: Math.floor(imagePixels / side),
      width,
      layers: blocks,
      heads,
      patches: side ** 2,
      classFeature: keepsClass,
    },
    language: { width, layers, heads: language.heads, keyValueHeads, headWidth, vocabulary, context },
  }
}

function familyOf(directory: string, json: unknown): Family {
  const stated = (json as { architectures?: unknown } | null)?.architectures
  const names: unknown[] = Array.isArray(stated) ? stated : []
  const family = FAMILIES.find(({ architectures }) => architectures.some((name) => names.includes(name)))
  if (family !== undefined && !names.some((name) => typeof name === 'string' && name in (family.originalForms ?? {}))) {
    return family
  }
  const known = FAMILIES.flatMap(({ architectures, originalForms = {} }) =>
    architectures.filter((name) => !(name in originalForms)),
  )
  throw new AppError(
    'CHECKPOINT_UNSUPPORTED',
    `${directory} has the architectures ${JSON.stringify(stated ?? null)}; this import takes ${known.join(', ')}. Choose such a repository.`,
    { details: { directory } },
  )
}

function keepsClassOf(config: FamilyConfig, { keepsClass, featureStrategy }: Family): boolean {
  return keepsClass.video === 'always' || (config.vision_feature_select_strategy ?? featureStrategy) === 'full'
}

/** The part of a plan that the graphs leave to be done. */
function left(
  { pool, newline, tiling }: Omit<FrameTokensRecipe, 'keepClass'>,
  keepClass: boolean,
  { hasNewline }: Family,
): FrameTokensRecipe {
  return {
    keepClass,
    pool: pool?.at === 'after-projector' ? pool : null,
    newline: hasNewline ? 'none' : newline,
    tiling: hasNewline ? null : tiling,
  }
}

function unsupported(directory: string, { name }: Family, problem: string): AppError {
  return new AppError(
    'CHECKPOINT_UNSUPPORTED',
    `${directory} is of the family ${name}, which ${problem}. Build a package from the checkpoint itself with "valley model build".`,
    { details: { directory, family: name } },
  )
}
