// The tokenizer of a checkpoint: tokenizer.json where there is one, else made of SentencePiece's tokenizer.model or of
// vocab.json and merges.txt, and of the tokens that were added. All come from outside and are bounded before they are believed.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { BYTE_LEVEL_CLASSES, tokenizerOfMerges } from './byte-level-tokenizer.ts'
import { check, invalidFile, readJson } from './checkpoint-config.ts'
import { readSentencePieces, SENTENCEPIECE_FILE } from './sentencepiece.ts'
import { type AddedToken, tokenizerOfPieces } from './sentencepiece-tokenizer.ts'

/** Half a million merges are what the largest vocabularies in use have. */
const MAX_MERGES = 800_000
const MAX_VOCABULARY = 400_000
const MERGES_FILE = 'merges.txt'
/** Qwen2's has 1.7 MB. */
const MAX_MERGES_BYTES = 64 * 1024 * 1024

const id = z.int().nonnegative()
const tokenText = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])
const addedSchema = z.record(z.string(), id)
const configSchema = z.looseObject({
  tokenizer_class: z.string().nullish(),
  bos_token: tokenText.nullish(),
  eos_token: tokenText.nullish(),
  add_bos_token: z.boolean().default(true),
  add_eos_token: z.boolean().default(false),
  legacy: z.boolean().nullish(),
  added_tokens_decoder: z
    .record(z.string().regex(/^\d+$/), z.object({ content: z.string(), special: z.boolean().default(false) }))
    .optional(),
})
const mapSchema = z.object({ bos_token: tokenText.nullish(), eos_token: tokenText.nullish() })
const sizesSchema = z.object({
  model: z.object({
    merges: z.array(z.unknown()).optional(),
    vocab: z.union([z.array(z.unknown()), z.looseObject({})]),
  }),
})

/** Both files of a tokenizer, parsed. */
export interface TokenizerFiles {
  readonly tokenizer: object
  readonly config: object
}

/**
 * Reads the tokenizer.
 * @throws AppError CHECKPOINT_INVALID for a missing, broken or excessive file; CHECKPOINT_UNSUPPORTED for a kind of
 *   tokenizer that is not read
 */
export async function readTokenizer(directory: string): Promise<TokenizerFiles> {
  if (await exists(directory, 'tokenizer.json')) return readWhole(directory)
  if (await exists(directory, SENTENCEPIECE_FILE)) return readPieces(directory)
  if (await exists(directory, MERGES_FILE)) return readMerges(directory)
  return readWhole(directory) // Says that tokenizer.json is missing.
}

async function readWhole(directory: string): Promise<TokenizerFiles> {
  const tokenizer = await readJson(directory, 'tokenizer.json')
  checkSizes(directory, 'tokenizer.json', tokenizer)
  return { tokenizer: tokenizer as object, config: (await readJson(directory, 'tokenizer_config.json')) as object }
}

/** Byte-level BPE in two files; the class that tokenizer_config.json names says how words are told apart. */
async function readMerges(directory: string): Promise<TokenizerFiles> {
  const stated = await readJson(directory, 'tokenizer_config.json')
  const config = check(directory, 'tokenizer_config.json', configSchema, stated)
  if (!BYTE_LEVEL_CLASSES.includes(config.tokenizer_class ?? '')) {
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `${join(directory, 'tokenizer_config.json')} has the tokenizer_class ${JSON.stringify(config.tokenizer_class ?? null)}; of vocab.json and ${MERGES_FILE}, ${BYTE_LEVEL_CLASSES.join(' and ')} are read. Choose a checkpoint with tokenizer.json.`,
      { details: { directory } },
    )
  }
  const vocab = check(directory, 'vocab.json', addedSchema, await readJson(directory, 'vocab.json'))
  const bytes = (await stat(join(directory, MERGES_FILE))).size
  if (bytes > MAX_MERGES_BYTES) {
    throw invalidFile(directory, MERGES_FILE, `has ${bytes} bytes; at most ${MAX_MERGES_BYTES} are allowed`)
  }
  const lines = (await readFile(join(directory, MERGES_FILE), 'utf8')).split('\n')
  const merges = lines.filter((line, index) => line !== '' && !(index === 0 && line.startsWith('#version')))
  const wrong = merges.findIndex((line) => line.split(' ').length !== 2)
  if (wrong !== -1) throw invalidFile(directory, MERGES_FILE, `has merge ${wrong + 1} that is not two pieces`)
  const tokenizer = tokenizerOfMerges(
    vocab,
    merges,
    await readAdded(directory, config.added_tokens_decoder ?? {}, false),
  )
  checkSizes(directory, MERGES_FILE, tokenizer)
  const { added_tokens_decoder: _, ...rest } = config
  return { tokenizer, config: rest }
}

async function readPieces(directory: string): Promise<TokenizerFiles> {
  const pieces = await readSentencePieces(directory)
  const stated = (await exists(directory, 'tokenizer_config.json'))
    ? await readJson(directory, 'tokenizer_config.json')
    : {}
  const config = check(directory, 'tokenizer_config.json', configSchema, stated)
  const map = (await exists(directory, 'special_tokens_map.json'))
    ? check(directory, 'special_tokens_map.json', mapSchema, await readJson(directory, 'special_tokens_map.json'))
    : {}
  // As transformers has it for checkpoints that do not say: they are older than the key.
  const legacy = config.legacy ?? true
  // As source: transformers drops white space beside added tokens before 4.34, the first version that writes this key.
  const strips = legacy && config.added_tokens_decoder === undefined
  const added = await readAdded(directory, config.added_tokens_decoder ?? {}, strips)
  const known = [...added, ...pieces.map(({ text }, index) => ({ id: index, content: text, special: true }))]
  const find = (text: string | null | undefined, usual: string): AddedToken | null => {
    // An empty text is how some old checkpoints say that they have none of their own.
    const wanted = text === undefined || text === null || text === '' ? usual : text
    return known.find(({ content }) => content === wanted) ?? null
  }
  const bos = find(config.bos_token ?? map.bos_token, '<s>')
  const eos = find(config.eos_token ?? map.eos_token, '</s>')
  const tokenizer = tokenizerOfPieces(pieces, {
    bos: config.add_bos_token ? bos : null,
    eos: config.add_eos_token ? eos : null,
    legacy,
    added,
  })
  const { added_tokens_decoder: _, ...rest } = config
  return { tokenizer, config: { ...rest, bos_token: bos?.content ?? null, eos_token: eos?.content ?? null } }
}

/**
 * The tokenizer with one special token more, at the next free id, for families whose code keeps a place for clips without one.
 * @param placeholder the token, and whether the tokenizer lacks it; undefined for none
 */
export function withPlaceholder(
  files: TokenizerFiles,
  placeholder: { readonly text: string; readonly isNew: boolean } | undefined,
): TokenizerFiles {
  if (placeholder === undefined || !placeholder.isNew) return files
  const { added_tokens: added = [], model } = files.tokenizer as {
    added_tokens?: readonly { readonly id: number; readonly content: string }[]
    model: { vocab: Readonly<Record<string, number>> }
  }
  if (added.some(({ content }) => content === placeholder.text)) return files
  const ids = [...added.map(({ id: taken }) => taken), ...Object.values(model.vocab)]
  const next = ids.reduce((most, taken) => Math.max(most, taken), -1) + 1
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  const token = { id: next, content: placeholder.text, ...flags }
  return { ...files, tokenizer: { ...files.tokenizer, added_tokens: [...added, token] } }
}

/** Tokens of added_tokens.json, which old checkpoints have, and of tokenizer_config.json. */
async function readAdded(
  directory: string,
  inConfig: Readonly<Record<string, { readonly content: string; readonly special: boolean }>>,
  strips: boolean,
): Promise<AddedToken[]> {
  const inFile = (await exists(directory, 'added_tokens.json'))
    ? check(directory, 'added_tokens.json', addedSchema, await readJson(directory, 'added_tokens.json'))
    : {}
  const byId = new Map<number, AddedToken>()
  // Whoever added a token to a language model gave it a meaning, so it is never a word of the text.
  for (const [content, tokenId] of Object.entries(inFile)) {
    byId.set(tokenId, { id: tokenId, content, special: true, strips })
  }
  for (const [tokenId, { content, special }] of Object.entries(inConfig)) {
    byId.set(Number(tokenId), { id: Number(tokenId), content, special })
  }
  return [...byId.values()]
}

function checkSizes(directory: string, file: string, tokenizer: unknown): void {
  const { model } = check(directory, file, sizesSchema, tokenizer)
  const merges = model.merges?.length ?? 0
  const vocabulary = Array.isArray(model.vocab) ? model.vocab.length : Object.keys(model.vocab).length
  if (merges <= MAX_MERGES && vocabulary <= MAX_VOCABULARY) return
  const problem = `has ${vocabulary} entries and ${merges} merges; at most ${MAX_VOCABULARY} and ${MAX_MERGES} are allowed`
  throw invalidFile(directory, file, problem)
}

async function exists(directory: string, file: string): Promise<boolean> {
  return (await stat(join(directory, file)).catch(() => null))?.isFile() ?? false
}
