// Special tokens of a checkpoint. Ids are never known to code: they come from the tokenizer's own files.

import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ModelManifest } from '../model-package/manifest.ts'
import { check, invalidFile, readJson } from './checkpoint-config.ts'
import type { TokenizerFiles } from './checkpoint-tokenizer.ts'

type Token = ModelManifest['tokens']['eos'][number]

const id = z.int().nonnegative()
const tokenizerSchema = z.object({
  added_tokens: z.array(z.object({ id, content: z.string() })).default([]),
  model: z.object({
    /** A map for BPE and WordPiece, a list of pairs for Unigram. */
    vocab: z.union([z.record(z.string(), id), z.array(z.tuple([z.string(), z.number()]))]),
  }),
})
const tokenText = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])
const tokenizerConfigSchema = z.object({
  bos_token: tokenText.nullish(),
  eos_token: tokenText.nullish(),
  chat_template: z.union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))]).nullish(),
})
const generationConfigSchema = z.object({ eos_token_id: z.union([id, z.array(id).min(1)]).optional() })
const templateFileSchema = z.object({ chat_template: z.string() })

/** The tokenizer's tokens by text and by id, each checked against the table of embeddings. */
export class TokenTable {
  readonly #directory: string
  readonly #vocabulary: number
  readonly #ids: ReadonlyMap<string, number>
  readonly #textsById: ReadonlyMap<number, string>
  readonly #bos: string | null
  readonly #eosIds: readonly number[]

  private constructor(
    directory: string,
    vocabulary: number,
    ids: ReadonlyMap<string, number>,
    bos: string | null,
    eosIds: readonly number[],
  ) {
    this.#directory = directory
    this.#vocabulary = vocabulary
    this.#ids = ids
    this.#textsById = new Map([...ids].map(([text, tokenId]) => [tokenId, text]))
    this.#bos = bos
    this.#eosIds = eosIds
  }

  /**
   * Holds the tokenizer against its schema and reads generation_config.json.
   * @param files the tokenizer of the checkpoint
   * @param vocabulary V, rows of the embedding table
   * @param eosIds ids that end an answer, for checkpoints without generation_config.json
   * @throws AppError CHECKPOINT_INVALID when a file is missing or bad
   */
  static async read(
    directory: string,
    files: TokenizerFiles,
    vocabulary: number,
    eosIds?: readonly number[],
  ): Promise<TokenTable> {
    const tokenizer = check(directory, 'tokenizer.json', tokenizerSchema, files.tokenizer)
    const config = check(directory, 'tokenizer_config.json', tokenizerConfigSchema, files.config)
    const generation =
      eosIds === undefined || (await exists(directory, 'generation_config.json'))
        ? check(
            directory,
            'generation_config.json',
            generationConfigSchema,
            await readJson(directory, 'generation_config.json'),
          )
        : {}
    const ends = generation.eos_token_id ?? eosIds
    if (ends === undefined) throw invalidFile(directory, 'generation_config.json', 'has no eos_token_id')
    return new TokenTable(directory, vocabulary, idsByText(tokenizer), config.bos_token ?? null, [ends].flat())
  }

  /**
   * The tokens that begin a prompt and end an answer.
   * @param turnEnd text of one more that ends an answer, if the tokenizer has it
   * @throws AppError CHECKPOINT_INVALID
   */
  ends(turnEnd?: string): { bos: Token | null; eos: Token[] } {
    const more = turnEnd === undefined ? undefined : this.#ids.get(turnEnd)
    return {
      bos: this.#bos === null ? null : this.byText(this.#bos),
      eos: [...new Set(more === undefined ? this.#eosIds : [...this.#eosIds, more])].map((one) => this.byId(one)),
    }
  }

  /** The token of a text. @throws AppError CHECKPOINT_INVALID when there is none, or its id is beyond the table */
  byText(text: string): Token {
    const found = this.#ids.get(text)
    if (found === undefined) {
      throw invalidFile(this.#directory, 'tokenizer.json', `has no token ${JSON.stringify(text)}`)
    }
    return this.#checked({ id: found, text })
  }

  /** The token of an id. @throws AppError CHECKPOINT_INVALID when there is none, or it is beyond the table */
  byId(tokenId: number): Token {
    const text = this.#textsById.get(tokenId)
    if (text === undefined) throw invalidFile(this.#directory, 'tokenizer.json', `has no token with the id ${tokenId}`)
    return this.#checked({ id: tokenId, text })
  }

  #checked(token: Token): Token {
    if (token.id < this.#vocabulary) return token
    const problem = `gives ${token.text} the id ${token.id}, but the embedding table has ${this.#vocabulary} rows`
    throw invalidFile(this.#directory, 'tokenizer.json', problem)
  }
}

/** Added tokens win over the model's vocabulary, as in the tokenizer itself. */
function idsByText(tokenizer: z.infer<typeof tokenizerSchema>): Map<string, number> {
  const { vocab } = tokenizer.model
  const ids = new Map(
    Array.isArray(vocab) ? vocab.map(([text], index): [string, number] => [text, index]) : Object.entries(vocab),
  )
  for (const token of tokenizer.added_tokens) ids.set(token.content, token.id)
  return ids
}

/**
 * The chat template's Jinja text. As in transformers, a file of its own wins over the processor's, that over the
 * tokenizer's; a list of named templates holds the one named default.
 * @returns null when there is none
 * @throws AppError CHECKPOINT_INVALID for a broken file
 */
export async function findChatTemplate(directory: string): Promise<string | null> {
  const own = await readFile(join(directory, 'chat_template.jinja'), 'utf8').catch(() => null)
  if (own !== null) return own
  if (await exists(directory, 'chat_template.json')) {
    const json = await readJson(directory, 'chat_template.json')
    return check(directory, 'chat_template.json', templateFileSchema, json).chat_template
  }
  const inConfig = (await exists(directory, 'tokenizer_config.json'))
    ? (await readTokenizerConfig(directory)).chat_template
    : null
  if (typeof inConfig === 'string') return inConfig
  return inConfig?.find((entry) => entry.name === 'default')?.template ?? null
}

/** The chat template of a checkpoint that must have one. @throws AppError CHECKPOINT_INVALID */
export async function readChatTemplate(directory: string): Promise<string> {
  const found = await findChatTemplate(directory)
  if (found !== null) return found
  throw invalidFile(directory, 'chat_template.jinja', 'cannot be read, and tokenizer_config.json has no chat_template')
}

async function readTokenizerConfig(directory: string) {
  const json = await readJson(directory, 'tokenizer_config.json')
  return check(directory, 'tokenizer_config.json', tokenizerConfigSchema, json)
}

/** True when a checkpoint holds a file. */
async function exists(directory: string, file: string): Promise<boolean> {
  return (await stat(join(directory, file)).catch(() => null))?.isFile() ?? false
}
