import { describe, expect, it } from 'vitest'
import { LANGUAGES, languageOf, textsFor } from '../../../../src/conversation/texts/locale.ts'
import type { Texts } from '../../../../src/conversation/texts/texts.ts'
import { ERROR_CODES } from '../../../../src/errors.ts'

const CODES = Object.values(ERROR_CODES).flat()

/** Every text of a language, the functions called with each count. */
function allTexts(value: unknown, count: number): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap((part) => allTexts(part, count))
  return []
}

function counted(texts: Texts, count: number): string[] {
  return [
    texts.rateLimited('user', count),
    texts.rateLimited('group', count),
    texts.noSuchClip(count),
    texts.turnsDropped(count),
    texts.clipsDropped(count),
    texts.waiting(count),
    texts.aboutClip(count, 'x'),
  ]
}

describe.each(Object.entries(LANGUAGES))('in %s', (language, texts) => {
  it('there is a sentence for every error code, and none shows a code, a path or a setting', () => {
    expect(Object.keys(texts.errors).sort()).toEqual([...CODES].sort())
    for (const sentence of Object.values(texts.errors)) {
      expect(sentence).toMatch(/[.。]$/)
      expect(sentence).not.toMatch(/[A-Z]{2,}_|[\\/]|process|undefined/)
    }
  })

  it('no text is empty, and none is taken over from English', () => {
    const own = [...allTexts(texts, 2), ...counted(texts, 2)]
    expect(own.filter((text) => text.trim() === '')).toEqual([])
    if (language === 'en') return
    const english = new Set([...allTexts(LANGUAGES.en, 2), ...counted(LANGUAGES.en, 2)])
    // Of them, only the numbering of a clip is the same in two languages.
    expect(own.filter((text) => english.has(text) && text !== 'Clip 2: x')).toEqual([])
  })

  it('counts are put into words that fit the number', () => {
    for (const count of [2, 7, 59]) for (const text of counted(texts, count)) expect(text).toMatch(/\d/)
    expect(texts.rateLimited('user', 61)).toContain('2')
    expect(texts.storyboard(['0:00', '0:07'])).toMatch(/0:00.*0:07/)
  })

  it('labels and descriptions keep within what both platforms allow', () => {
    for (const label of Object.values(texts.actions)) expect(label.length).toBeLessThanOrEqual(20)
    for (const line of [...Object.values(texts.commands), ...Object.values(texts.parameters)]) {
      expect(line.length).toBeLessThanOrEqual(100)
    }
    expect(texts.describeClip.length).toBeLessThanOrEqual(24)
    expect(texts.suggestions.length).toBeLessThanOrEqual(4)
  })
})

it.each([
  ['en-US', 'en'],
  ['en', 'en'],
  ['es-ES', 'es'],
  ['es-419', 'es'],
  ['ES_mx', 'es'],
  ['zh-CN', 'zh'],
  ['zh-TW', 'zh'],
  ['zh_Hans', 'zh'],
  ['fr', 'en'],
  ['', 'en'],
  ['constructor', 'en'],
  [undefined, 'en'],
])('the locale %s is read as %s', (locale, language) => {
  expect(languageOf(locale)).toBe(language)
})

it('the first locale whose language there is wins', () => {
  expect(languageOf(undefined, 'fr', 'zh-CN', 'es')).toBe('zh')
  expect(textsFor('es', 'zh')).toBe(LANGUAGES.es)
})
