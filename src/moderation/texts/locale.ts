// Which language moderators read.
import { type Language, languageOf } from '../../conversation/texts/locale.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import type { ModerationTexts } from './texts.ts'
import { zh } from './zh.ts'

/** The texts of each language that there is. */
export const MODERATION_TEXTS: Readonly<Record<Language, ModerationTexts>> = { en, es, zh }

/** The texts in the language of the first locale that is known; English when none is. */
export function moderationTextsFor(...locales: readonly (string | undefined)[]): ModerationTexts {
  return MODERATION_TEXTS[languageOf(...locales)]
}
