// The pages of one reply while it grows: changes are sent one after the other, and only the newest state of each.
import type { PagerLine } from './connection.ts'

/** Pages that follow a text. */
export class LivePages {
  readonly #line: PagerLine
  readonly #pager: string
  readonly #shown: { readonly page: string; text: string }[] = []
  #wanted: readonly string[] = []
  #work: Promise<void> | null = null

  constructor(line: PagerLine, pager: string) {
    this.#line = line
    this.#pager = pager
  }

  /** Shows these pages, as soon as what is being sent has arrived. */
  show(pages: readonly string[]): void {
    this.#wanted = pages
    this.#work ??= this.#catchUp().finally(() => {
      this.#work = null
    })
    // Awaited in settle().
    this.#work.catch(() => {})
  }

  /** Resolves when everything is shown. @throws AppError PLATFORM_UNREACHABLE */
  async settle(): Promise<void> {
    while (this.#work !== null) await this.#work
  }

  async #catchUp(): Promise<void> {
    for (let index = 0; index < this.#wanted.length; index += 1) {
      const text = this.#wanted[index]!
      const shown = this.#shown[index]
      if (shown?.text === text) continue
      if (shown === undefined) {
        const { page } = await this.#line.ask({ do: 'show', pager: this.#pager, text })
        this.#shown.push({ page: String(page), text })
      } else {
        await this.#line.ask({ do: 'change', page: shown.page, text })
        shown.text = text
      }
      // What is wanted may be another by now.
      index = -1
    }
  }
}
