// Messages become the prompt: each turn's words and clips, the checkpoint's own chat template around them, token ids, and
// for every placeholder the visual token that will replace it.
import { readFile } from 'node:fs/promises'
import { Template } from '@huggingface/jinja'
import { AppError } from '../errors.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import type { ModelPackage } from '../model-package/model-package.ts'
import { type PromptToken, placeVisualTokens, visualBlockText } from './placeholders.ts'
import { Tokenizer } from './tokenizer.ts'
import { breakReservedTexts } from './user-words.ts'
import type { VisualTokens } from './visual-tokens.ts'

/** One piece of a message; a clip stands for its visual tokens. */
export type PromptPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'clip'; readonly clip: VisualTokens }

/** One message as the template sees it. */
export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: readonly PromptPart[]
}

/** Builds the prompts of one model. */
export class PromptBuilder {
  readonly tokenizer: Tokenizer
  readonly #manifest: ModelManifest
  readonly #template: Template
  readonly #reserved: readonly string[]

  /** @param template Jinja text of the chat template, as transformers' apply_chat_template takes it */
  constructor(manifest: ModelManifest, tokenizer: Tokenizer, template: string) {
    this.#manifest = manifest
    this.tokenizer = tokenizer
    this.#template = new Template(template)
    const { bos, eos, ...placeholders } = manifest.tokens
    const marks = [...eos, ...(bos === null ? [] : [bos]), ...Object.values(placeholders)].map(({ text }) => text)
    this.#reserved = [...new Set([...tokenizer.specialTexts, ...marks, ...manifest.prompt.reserved])]
  }

  /** Reads a package's tokenizer and template. @throws AppError PACKAGE_CORRUPT when one cannot be read */
  static async open(modelPackage: ModelPackage): Promise<PromptBuilder> {
    const { manifest } = modelPackage
    const tokenizer = await Tokenizer.open(modelPackage)
    const file = manifest.tokenizer.chatTemplateFile
    try {
      return new PromptBuilder(manifest, tokenizer, await readFile(modelPackage.pathOf(file), 'utf8'))
    } catch (cause) {
      throw new AppError(
        'PACKAGE_CORRUPT',
        `Cannot read the chat template ${file}: ${reason(cause)}. Expected a Jinja template; build the package again.`,
        { cause },
      )
    }
  }

  /**
   * Builds the prompt up to where the answer begins.
   * @param messages oldest first; without a system message the model's own system prompt comes first
   * @returns one entry a token, the placeholders with their visual tokens
   * @throws AppError QUESTION_INVALID when the template refuses the messages, QUESTION_TOO_LONG when the words alone cannot
   * fit the context, PLACEHOLDER_MISMATCH when placeholders and visual tokens do not match
   */
  build(messages: readonly PromptMessage[]): PromptToken[] {
    const text = this.render(messages)
    this.#checkLength(text)
    const { tokens } = this.#manifest
    // A template that writes the begin token itself must not get a second one from the tokenizer.
    const beginsWithBos = tokens.bos !== null && text.startsWith(tokens.bos.text)
    const ids = this.tokenizer.encode(text, !beginsWithBos)
    const clips = messages.flatMap(({ content }) =>
      content.flatMap((part) => (part.type === 'clip' ? [part.clip] : [])),
    )
    return placeVisualTokens(ids, clips, tokens)
  }

  /** The prompt as text, placeholders and special tokens spelled out. @throws AppError QUESTION_INVALID */
  render(messages: readonly PromptMessage[]): string {
    if (messages.every(({ role }) => role === 'system')) {
      throw new AppError(
        'QUESTION_INVALID',
        `The conversation holds ${messages.length} messages and none of them asks anything; at least one user message is needed. Ask a question.`,
      )
    }
    const { prompt, tokens } = this.#manifest
    const own = messages.some(({ role }) => role === 'system') ? [] : [{ role: 'system', content: prompt.system }]
    const turns = messages.map(({ role, content }) => ({ role, content: this.#turnText(content) }))
    try {
      return this.#template.render({
        messages: [...own, ...turns],
        add_generation_prompt: true,
        bos_token: tokens.bos?.text ?? '',
        eos_token: tokens.eos[0]?.text ?? '',
      })
    } catch (cause) {
      throw new AppError(
        'QUESTION_INVALID',
        `The model's chat template refuses the messages (roles ${messages.map(({ role }) => role).join(', ')}): ${reason(cause)}. Let user and assistant take turns, the user first and last.`,
        { cause },
      )
    }
  }

  /** A turn's words, made harmless, and its clips' blocks before or after them, one below the other. */
  #turnText(content: readonly PromptPart[]): string {
    const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
    // Joined before they are checked: two harmless parts can make a reserved text together.
    const words = breakReservedTexts(texts.join('\n'), this.#reserved)
    const blocks = content.flatMap((part) =>
      part.type === 'clip' ? [visualBlockText(part.clip, this.#manifest.tokens)] : [],
    )
    const lines = words === '' ? blocks : [words, ...blocks]
    if (this.#manifest.prompt.clipPosition === 'before-text' && words !== '') lines.push(lines.shift()!)
    return lines.join('\n')
  }

  /** Refuses what cannot fit before the tokenizer spends seconds on it. */
  #checkLength(text: string): void {
    const { context } = this.#manifest.language
    const most = context * this.tokenizer.longestTokenLength
    if (text.length > most) {
      throw new AppError(
        'QUESTION_TOO_LONG',
        `The conversation has ${text.length} characters; the model's context of ${context} tokens holds fewer than ${most}. Ask a shorter question or start a new conversation.`,
        { details: { characters: text.length, context } },
      )
    }
  }
}

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ')
}
