// Which language a person reads.
import { en } from './en.ts'
import { es } from './es.ts'
import type { Texts } from './texts.ts'
import { zh } from './zh.ts'

/** The languages that there are, by their ISO 639 code. */
export const LANGUAGES = { en, es, zh } as const satisfies Readonly<Record<string, Texts>>

/** A language that there is. */
export type Language = keyof typeof LANGUAGES

/**
 * The first of some locales whose language there is; English when none is.
 * @param locales as platforms give them, e.g. `es-419`, `zh_TW`, `en`; the earlier goes before the later
 */
export function languageOf(...locales: readonly (string | undefined)[]): Language {
  for (const locale of locales) {
    const code = locale?.split(/[-_]/)[0]?.toLowerCase() ?? ''
    if (Object.hasOwn(LANGUAGES, code)) return code as Language
  }
  return 'en'
}

/** The texts in the language of the first locale that is known. */
export function textsFor(...locales: readonly (string | undefined)[]): Texts {
  return LANGUAGES[languageOf(...locales)]
}
