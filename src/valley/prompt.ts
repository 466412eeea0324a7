// Messages become the prompt: each turn's words and clips, the checkpoint's own chat template around them, token ids, and
// for every placeholder the visual token that will replace it.
import { readFile } from 'node:fs/promises'
import { Template } from '@huggingface/jinja'
import { AppError } from '../errors.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import type { ModelPackage } from '../model-package/model-package.ts'
import { type MarkedGroups, marksOf, placeGroups, replaceMarks } from './clip-text.ts'
import {
  type LayoutTokens,
  layoutTokensOf,
  type PromptToken,
  placeVisualTokens,
  visualBlockText,
} from './placeholders.ts'
import { placeTokens } from './token-places.ts'
import { specialTokensOf, Tokenizer } from './tokenizer.ts'
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
  /** Null for families whose template writes marks. */
  readonly #layout: LayoutTokens | null

  /** @param template Jinja text of the chat template, as transformers' apply_chat_template takes it */
  constructor(manifest: ModelManifest, tokenizer: Tokenizer, template: string) {
    this.#manifest = manifest
    this.tokenizer = tokenizer
    this.#template = new Template(template)
    this.#layout = layoutTokensOf(manifest)
    const special = specialTokensOf(manifest).map(({ text }) => text)
    const marks = Object.values(manifest.prompt.clips ?? {}).map(({ mark }) => mark)
    this.#reserved = [...new Set([...tokenizer.specialTexts, ...special, ...marks, ...manifest.prompt.reserved])]
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
    const { text, shown } = this.#write(messages)
    this.#checkLength(text)
    const { tokens, prompt } = this.#manifest
    // A template that writes the begin token itself must not get a second one from the tokenizer.
    const beginsWithBos = tokens.bos !== null && text.startsWith(tokens.bos.text)
    const ids = this.tokenizer.encode(text, !beginsWithBos)
    if (prompt.clips !== null) {
      const placed = placeGroups(ids, shown, prompt.clips)
      return this.#manifest.patchGrid === null ? placed : placeTokens(placed)
    }
    return placeVisualTokens(ids, clipsOf(messages), this.#layout!)
  }

  /** The prompt as text, placeholders and special tokens spelled out. @throws AppError QUESTION_INVALID */
  render(messages: readonly PromptMessage[]): string {
    return this.#write(messages).text
  }

  /** The text, and what the marks in it stood for in families whose template writes marks. */
  #write(messages: readonly PromptMessage[]): { text: string; shown: readonly MarkedGroups[] } {
    const rendered = this.#render(messages)
    const { clips } = this.#manifest.prompt
    if (clips === null) return { text: rendered, shown: [] }
    return replaceMarks(
      rendered,
      clipsOf(messages).flatMap((clip) => marksOf(clip, clips)),
    )
  }

  #render(messages: readonly PromptMessage[]): string {
    if (messages.every(({ role }) => role === 'system')) {
      throw new AppError(
        'QUESTION_INVALID',
        `The conversation holds ${messages.length} messages and none of them asks anything; at least one user message is needed. Ask a question.`,
      )
    }
    const { prompt, tokens } = this.#manifest
    const own: PromptMessage = { role: 'system', content: [{ type: 'text', text: prompt.system }] }
    const withSystem =
      prompt.system === '' || messages.some(({ role }) => role === 'system') ? messages : [own, ...messages]
    const turns = withSystem.map((message) => ({
      role: message.role,
      content: this.#turnContent(message, message === own),
    }))
    try {
      return this.#template.render({
        messages: turns,
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

  /** What the template gets of a turn: its words, made harmless, and its clips as blocks in the text or as parts of its own. */
  #turnContent({ content }: PromptMessage, own: boolean): string | { type: string; text?: string }[] {
    const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
    // Joined before they are checked: two harmless parts can make a reserved text together. The model's own words are its
    // checkpoint's, not somebody's.
    const words = own ? texts.join('\n') : breakReservedTexts(texts.join('\n'), this.#reserved)
    const { clips, clipPosition } = this.#manifest.prompt
    const shown = content.flatMap((part) => (part.type === 'clip' ? [part.clip] : []))
    if (clips !== null) {
      const media = shown.flatMap((clip) => marksOf(clip, clips)).map(({ text }) => ({ type: text.part }))
      const said = words === '' && media.length > 0 ? [] : [{ type: 'text', text: words }]
      return clipPosition === 'before-text' ? [...media, ...said] : [...said, ...media]
    }
    const blocks = shown.map((clip) => visualBlockText(clip, this.#layout!))
    const lines = words === '' ? blocks : [words, ...blocks]
    if (clipPosition === 'before-text' && words !== '') lines.push(lines.shift()!)
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

function clipsOf(messages: readonly PromptMessage[]): VisualTokens[] {
  return messages.flatMap(({ content }) => content.flatMap((part) => (part.type === 'clip' ? [part.clip] : [])))
}

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ')
}
