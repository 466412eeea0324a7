// Which language people read: Discord tells it with commands and buttons, and not with posts.
import type { Message } from 'discord.js'
import { LOCALE_MEMORY_SIZE } from './limits.ts'

/** Languages of people, bounded in number. */
export class KnownLocales {
  readonly #locales = new Map<string, string>()

  /** Remembers what an interaction told. */
  add(userId: string, locale: string): void {
    this.#locales.delete(userId)
    this.#locales.set(userId, locale)
    for (const oldest of this.#locales.keys()) {
      if (this.#locales.size <= LOCALE_MEMORY_SIZE) break
      this.#locales.delete(oldest)
    }
  }

  /** The language of who wrote a post, else that of its guild. @returns undefined when neither is known */
  of({ author, guild }: Message): string | undefined {
    return this.#locales.get(author.id) ?? guild?.preferredLocale
  }
}
