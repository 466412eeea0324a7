// Ends an answer at a stop text, also when the text comes in pieces: what may still become a stop text is held back until
// it is clear. Nothing that belongs to a stop text is ever shown.

/** Watches one answer for stop texts. */
export class StopTexts {
  readonly #texts: readonly string[]
  #held = ''
  #stopped = false

  /** @param texts none empty; any of them ends the answer */
  constructor(texts: readonly string[]) {
    this.#texts = texts
  }

  /** True from the moment a stop text was complete. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** Takes the next piece of text and returns what is safe to show; nothing more once stopped. */
  push(piece: string): string {
    if (this.#stopped) return ''
    const text = this.#held + piece
    const cut = firstStop(text, this.#texts)
    if (cut !== -1) {
      this.#stopped = true
      this.#held = ''
      return text.slice(0, cut)
    }
    const held = Math.max(0, ...this.#texts.map((stop) => overlap(text, stop)))
    this.#held = text.slice(text.length - held)
    return text.slice(0, text.length - held)
  }

  /** Ends the answer: what was held back did not become a stop text after all. */
  flush(): string {
    const text = this.#held
    this.#held = ''
    return text
  }
}

function firstStop(text: string, stops: readonly string[]): number {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place !== -1)
  return places.length === 0 ? -1 : Math.min(...places)
}

/** Length of the longest end of text with which the stop text begins. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(stop.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(stop.slice(0, length))) return length
  }
  return 0
}
