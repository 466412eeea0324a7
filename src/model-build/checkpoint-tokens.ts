// Special tokens of a checkpoint. Ids are never known to code: they come from the tokenizer's own files.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ModelManifest } from '../model-package/manifest.ts'
import { check, invalidFile, readJson, type ValleyConfig } from './checkpoint-config.ts'

type Token = ModelManifest['tokens']['patch']

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
const generationConfigSchema = z.object({ eos_token_id: z.union([id, z.array(id).min(1)]) })

/** What the manifest and the package need of the tokenizer. */
export interface CheckpointTokens {
  readonly tokens: ModelManifest['tokens']
  /** Jinja text of the chat template. */
  readonly chatTemplate: string
}

/**
 * Reads tokenizer.json, tokenizer_config.json, generation_config.json and the chat template.
 * @param texts texts of the placeholders
 * @param vocabulary V, rows of the embedding table
 * @throws AppError CHECKPOINT_INVALID when a file is bad, a token unknown, or an id beyond the table
 */
export async function readTokens(
  directory: string,
  texts: ValleyConfig['tokens'],
  vocabulary: number,
): Promise<CheckpointTokens> {
  const tokenizer = check(directory, 'tokenizer.json', tokenizerSchema, await readJson(directory, 'tokenizer.json'))
  const config = check(
    directory,
    'tokenizer_config.json',
    tokenizerConfigSchema,
    await readJson(directory, 'tokenizer_config.json'),
  )
  const generation = check(
    directory,
    'generation_config.json',
    generationConfigSchema,
    await readJson(directory, 'generation_config.json'),
  )
  const ids = idsByText(tokenizer)
  const textsById = new Map([...ids].map(([text, tokenId]) => [tokenId, text]))

  const checked = (token: Token): Token => {
    if (token.id < vocabulary) return token
    const problem = `gives ${token.text} the id ${token.id}, but the embedding table has ${vocabulary} rows`
    throw invalidFile(directory, 'tokenizer.json', problem)
  }
  const byText = (text: string): Token => {
    const found = ids.get(text)
    if (found === undefined) throw invalidFile(directory, 'tokenizer.json', `has no token ${JSON.stringify(text)}`)
    return checked({ id: found, text })
  }
  const byId = (tokenId: number): Token => {
    const text = textsById.get(tokenId)
    if (text === undefined) throw invalidFile(directory, 'tokenizer.json', `has no token with the id ${tokenId}`)
    return checked({ id: tokenId, text })
  }
  return {
    tokens: {
      bos: typeof config.bos_token === 'string' ? byText(config.bos_token) : null,
      eos: [generation.eos_token_id].flat().map(byId),
      patch: byText(texts.patch),
      patchStart: byText(texts.patchStart),
      patchEnd: byText(texts.patchEnd),
      frame: byText(texts.frame),
      frameStart: byText(texts.frameStart),
      frameEnd: byText(texts.frameEnd),
    },
    chatTemplate: await readChatTemplate(directory, config.chat_template),
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

/** The file of its own wins, as in transformers; a list of named templates holds the one named default. */
async function readChatTemplate(
  directory: string,
  inConfig: z.infer<typeof tokenizerConfigSchema>['chat_template'],
): Promise<string> {
  const own = await readFile(join(directory, 'chat_template.jinja'), 'utf8').catch(() => null)
  if (own !== null) return own
  if (typeof inConfig === 'string') return inConfig
  const named = inConfig?.find((entry) => entry.name === 'default')?.template
  if (named !== undefined) return named
  throw invalidFile(directory, 'chat_template.jinja', 'cannot be read, and tokenizer_config.json has no chat_template')
}
