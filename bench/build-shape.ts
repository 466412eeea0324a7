// A package of random weights in a shape: words, template and pixel recipes are those of the tiny checkpoint that the tests
// use, everything that costs time has the sizes of the shape.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DecoderBlock, LanguageModel, VisionBlock, VisionTower } from '../src/model-build/architecture.ts'
import { buildCheckpoint } from '../src/model-build/build-package.ts'
import { readCheckpoint } from '../src/model-build/checkpoint.ts'
import type { Checkpoint } from '../src/model-build/checkpoint-description.ts'
import type { Precision } from '../src/model-build/precision.ts'
import { MANIFEST_FILE } from '../src/model-package/open-package.ts'
import { plainNorm, randomLinear, randomWeight } from './random-weights.ts'
import { type LanguageShape, type ModelShape, SHAPES, type ShapeName, type TowerShape } from './shapes.ts'

const WORDS = join(import.meta.dirname, '../test/fixtures/families/llava-onevision')
/** What decides how packages look: one that older sources built is not measured. */
const SOURCES = ['../src/model-build', '../src/model-package', '.']

/**
 * Builds a package unless it is there; those that older sources built go.
 * @param folder where packages of all shapes are kept
 * @param measured true for a package as `valley model build` makes it by default: measured, and its tower in whole 8-bit
 *   numbers where the cosine allows that
 * @returns its path
 */
export async function buildShape(
  folder: string,
  name: ShapeName,
  precision: Precision,
  measured = false,
): Promise<string> {
  const kind = `${name}${measured ? '-measured' : ''}-${precision}-`
  const outputDirectory = join(folder, `${kind}${sourcesHash()}`)
  if (existsSync(join(outputDirectory, MANIFEST_FILE))) return outputDirectory
  for (const entry of readdirSync(folder)) {
    if (entry.startsWith(kind)) rmSync(join(folder, entry), { recursive: true })
  }
  console.error(`Drawing the weights of ${name} in ${precision}...`)
  const measure = measured ? { allowLoss: true } : undefined
  await buildCheckpoint(() => describeShape(name, SHAPES[name]), { outputDirectory, precision, measure })
  return outputDirectory
}

function sourcesHash(): string {
  const hash = createHash('sha256')
  for (const folder of SOURCES) {
    const path = join(import.meta.dirname, folder)
    for (const file of readdirSync(path).sort()) {
      if (folder === '.' && !['build-shape.ts', 'random-weights.ts', 'shapes.ts'].includes(file)) continue
      if (file.endsWith('.ts')) hash.update(readFileSync(join(path, file)))
    }
  }
  return hash.digest('hex').slice(0, 8)
}

/** A checkpoint of random weights in a shape. */
export async function describeShape(name: ShapeName, { tower, language }: ModelShape): Promise<Checkpoint> {
  const words = await readCheckpoint(WORDS)
  const { pixels } = words.facts
  const square = { resizeMode: 'exact', resizePixels: tower.imagePixels, cropPixels: null } as const
  return {
    ...words,
    tokenizer: { ...words.tokenizer, tokenizer: withAllWords(words.tokenizer.tokenizer, language.vocabulary) },
    architecture: {
      vision: randomTower(tower),
      imageVision: null,
      projector: {
        inputNorm: null,
        layers: [
          randomLinear('projector.1', language.width, tower.width, true),
          randomLinear('projector.2', language.width, language.width, true),
        ],
        activation: 'gelu',
        newline: randomWeight('newline', [language.width]),
      },
      pooling: { kind: 'none' },
      language: randomLanguage(language),
    },
    facts: {
      ...words.facts,
      name: `random-${name}`,
      frames: { mode: 'uniform', count: 1 },
      pixels: { video: { ...pixels.video, ...square }, image: { ...pixels.image, ...square } },
    },
  }
}

/** The contents of a tokenizer.json in which every id is a word, so that whatever random weights say is shown. */
export function withAllWords(tokenizer: object, vocabulary: number): object {
  const copy = structuredClone(tokenizer) as {
    added_tokens: { id: number }[]
    model: { vocab: Record<string, number> }
  }
  const { vocab } = copy.model
  const known = new Set([...Object.values(vocab), ...copy.added_tokens.map(({ id }) => id)])
  for (let id = 0; id < vocabulary; id++) if (!known.has(id)) vocab[`w${id}`] = id
  return copy
}

function randomTower(shape: TowerShape): VisionTower {
  const { imagePixels, patchPixels, width, clip } = shape
  const patches = Math.floor(imagePixels / patchPixels) ** 2
  return {
    imagePixels,
    patchPixels,
    channels: 3,
    patches,
    width,
    heads: shape.heads,
    activation: clip ? 'quick-gelu' : 'gelu-tanh',
    classEmbedding: clip ? randomWeight('class', [width]) : null,
    stem: [],
    patchEmbedding: {
      weight: randomWeight('patches.weight', [width, 3, patchPixels, patchPixels]),
      bias: clip ? null : randomWeight('patches.bias', [width]),
    },
    positions: randomWeight('positions', [patches + (clip ? 1 : 0), width]),
    inputNorm: clip ? plainNorm('tower.input', width, true) : null,
    blocks: Array.from({ length: shape.layers }, (_, index) => towerBlock(shape, `tower.${index}`)),
    outputNorm: null,
  }
}

function towerBlock({ width, mlpWidth }: TowerShape, name: string): VisionBlock {
  return {
    attentionNorm: plainNorm(`${name}.norm1`, width, true),
    query: randomLinear(`${name}.q`, width, width, true),
    key: randomLinear(`${name}.k`, width, width, true),
    value: randomLinear(`${name}.v`, width, width, true),
    output: randomLinear(`${name}.o`, width, width, true),
    mlpNorm: plainNorm(`${name}.norm2`, width, true),
    expand: randomLinear(`${name}.fc1`, mlpWidth, width, true),
    contract: randomLinear(`${name}.fc2`, width, mlpWidth, true),
  }
}

function randomLanguage(shape: LanguageShape): LanguageModel {
  const { width, heads, keyValueHeads, headWidth, vocabulary, context, rotaryBase, tied } = shape
  const embedding = randomWeight('embeddings', [vocabulary, width])
  return {
    width,
    heads,
    keyValueHeads,
    headWidth,
    vocabulary,
    context,
    rotaryBase,
    rotaryParts: null,
    embedding,
    blocks: Array.from({ length: shape.layers }, (_, index) => decoderBlock(shape, `decoder.${index}`)),
    finalNorm: plainNorm('decoder.norm', width, false),
    head: tied ? { weight: embedding, bias: null } : randomLinear('head', vocabulary, width, false),
  }
}

function decoderBlock(shape: LanguageShape, name: string): DecoderBlock {
  const { width, mlpWidth, heads, keyValueHeads, headWidth, bias } = shape
  return {
    attentionNorm: plainNorm(`${name}.norm1`, width, false),
    queryKeyValue: randomLinear(`${name}.qkv`, (heads + 2 * keyValueHeads) * headWidth, width, bias),
    headNorms: null,
    output: randomLinear(`${name}.o`, width, heads * headWidth, false),
    mlpNorm: plainNorm(`${name}.norm2`, width, false),
    gate: randomLinear(`${name}.gate`, mlpWidth, width, false),
    up: randomLinear(`${name}.up`, mlpWidth, width, false),
    down: randomLinear(`${name}.down`, width, mlpWidth, false),
  }
}
