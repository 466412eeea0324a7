// Text to token ids and back, by @huggingface/tokenizers, from the files of a model package.
import { readFile } from 'node:fs/promises'
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { AppError } from '../errors.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import type { ModelPackage } from '../model-package/model-package.ts'

/** The tokenizer of one model package. */
export class Tokenizer {
  /** Texts that stand for one special token wherever they occur. */
  readonly specialTexts: readonly string[]
  /** Length of the longest token's text, UTF-16 units: n tokens never cover more than n times this. */
  readonly longestTokenLength: number
  readonly #tokenizer: HuggingFaceTokenizer

  /** @param tokenizer the parsed tokenizer.json @param config the parsed tokenizer_config.json */
  constructor(tokenizer: object, config: object) {
    this.#tokenizer = new HuggingFaceTokenizer(tokenizer, config)
    const added = [...this.#tokenizer.get_added_tokens_decoder().values()]
    this.specialTexts = added.filter((token) => token.special).map((token) => token.content)
    this.longestTokenLength = [...this.#tokenizer.get_vocab(true).keys()].reduce(
      (most, text) => Math.max(most, text.length),
      1,
    )
  }

  /**
   * Reads a package's tokenizer and checks that the manifest's special tokens have the ids it states.
   * @throws AppError PACKAGE_CORRUPT when a file cannot be read or an id differs
   */
  static async open(modelPackage: ModelPackage): Promise<Tokenizer> {
    const { manifest } = modelPackage
    const { file, configFile } = manifest.tokenizer
    let tokenizer: Tokenizer
    try {
      tokenizer = new Tokenizer(
        await readJson(modelPackage.pathOf(file)),
        await readJson(modelPackage.pathOf(configFile)),
      )
    } catch (cause) {
      throw new AppError(
        'PACKAGE_CORRUPT',
        `Cannot read the tokenizer ${file} with ${configFile}: ${cause instanceof Error ? cause.message : cause}. Expected a Hugging Face tokenizer; build the package again.`,
        { cause },
      )
    }
    tokenizer.#checkTokens(manifest)
    return tokenizer
  }

  /**
   * Turns text into token ids; special tokens' texts become their ids.
   * @param withSpecialTokens whether the tokenizer adds its own begin (and end) tokens; off when the template wrote them
   */
  encode(text: string, withSpecialTokens: boolean): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: withSpecialTokens }).ids
  }

  /** Turns ids into text, without special tokens and without ids that the vocabulary does not have. */
  decode(ids: readonly number[]): string {
    const known = ids.filter((id) => this.#tokenizer.id_to_token(id) !== undefined)
    if (known.length === 0) return ''
    return this.#tokenizer.decode(known, { skip_special_tokens: true, clean_up_tokenization_spaces: false })
  }

  #checkTokens(manifest: ModelManifest): void {
    for (const { id, text } of specialTokensOf(manifest)) {
      const found = this.#tokenizer.token_to_id(text)
      if (found !== id) {
        throw new AppError(
          'PACKAGE_CORRUPT',
          `The tokenizer gives "${text}" the id ${found ?? 'none'}; manifest.json says ${id}. Build the package again.`,
          { details: { text, found: found ?? null, expected: id } },
        )
      }
    }
  }
}

/** Every token that a manifest states with its id. */
export function specialTokensOf({ tokens, prompt }: ModelManifest): { id: number; text: string }[] {
  const { bos, eos, ...layout } = tokens
  const placeholders = Object.values(prompt.clips ?? {}).map(({ placeholder }) => placeholder)
  return [bos, ...eos, ...Object.values(layout), ...placeholders].filter(
    (token) => token !== null && token !== undefined,
  )
}

async function readJson(path: string): Promise<object> {
  const value: unknown = JSON.parse(await readFile(path, 'utf8'))
  if (typeof value !== 'object' || value === null) throw new Error('the file holds no JSON object')
  return value
}
