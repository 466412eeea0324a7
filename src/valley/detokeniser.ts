// Token ids become text as they are drawn. A character may be spread over several tokens (byte-level vocabularies split
// UTF-8), and some decoders treat the first token unlike the rest, so each step decodes a short window that begins with
// tokens already shown.

/** What the tokenizer writes for bytes that are no whole character (yet). */
const REPLACEMENT = '\uFFFD'

/** Turns ids to text; unknown ids must yield no text. */
export type DecodeIds = (ids: readonly number[]) => string

/** Decodes one answer, token by token. */
export class StreamingDetokeniser {
  readonly #decode: DecodeIds
  /** Ids shown in whole, kept so that the next token is decoded in its place. */
  #context: number[] = []
  /** Ids not yet shown in whole, and how much of their text was. */
  #pending: number[] = []
  #shown = 0

  constructor(decode: DecodeIds) {
    this.#decode = decode
  }

  /** Takes one id and returns the text that it completes; empty inside a character. */
  push(id: number): string {
    this.#pending.push(id)
    const before = this.#decode(this.#context).length
    const text = this.#decode([...this.#context, ...this.#pending]).slice(before)
    const whole = withoutPartialCharacter(text)
    const fresh = whole.slice(this.#shown)
    if (whole.length === text.length && text.length > 0) {
      this.#context = this.#pending
      this.#pending = []
      this.#shown = 0
    } else {
      this.#shown = Math.max(this.#shown, whole.length)
    }
    return fresh
  }
}

function withoutPartialCharacter(text: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === REPLACEMENT) end--
  return text.slice(0, end)
}
