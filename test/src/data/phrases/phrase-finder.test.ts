import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { LANGUAGES_FOLDER } from '../../../../src/commands/data-align.ts'
import type { LanguageWords } from '../../../../src/data/phrases/language-schema.ts'
import { PhraseFinder } from '../../../../src/data/phrases/phrase-finder.ts'
import { readLanguages } from '../../../../src/data/phrases/read-language.ts'
import { writeData } from '../../../helpers/data-rows.ts'
import { PROJECT_ROOT } from '../../../helpers/source-files.ts'

let languages: ReadonlyMap<string, LanguageWords> = new Map()
beforeAll(async () => {
  languages = await readLanguages(join(PROJECT_ROOT, LANGUAGES_FOLDER))
})
const finder = (language: string) => new PhraseFinder(languages.get(language)!)

describe('noun phrases', () => {
  // Taken apart by hand.
  it.each([
    [
      'en',
      'A young man is walking his dog along the sandy beach at sunset.',
      ['young man', 'dog', 'sandy beach', 'sunset'],
    ],
    [
      'en',
      'Aerial view of a busy intersection in New York City, 4k',
      ['aerial view', 'busy intersection', 'new york city', '4k'],
    ],
    ['en', 'Two dogs, a cat and 12 birds', ['dogs', 'cat', 'birds']],
    ['en', 'Building a wedding cake in the evening; the cake falls', ['building', 'wedding cake', 'evening', 'cake']],
    ['en', 'Dog meets dog: the dog', ['dog meets dog', 'dog']],
    ['es', 'Una mujer joven camina por la playa con su perro', ['mujer joven', 'playa', 'perro']],
    ['de', 'Ein kleiner Hund läuft über die grüne Wiese', ['kleiner hund', 'grüne wiese']],
    ['zh', '一个男人在海滩上，太阳正在落下', ['男人', '海滩', '太阳']],
  ])('of a caption in %s: %s', (language, caption, phrases) => {
    expect(finder(language).phrasesOf(caption)).toEqual(phrases)
  })

  it('are at most four words long, the last ones, and none are in nothing', () => {
    expect(finder('en').phrasesOf('big old red wooden sail boat')).toEqual(['red wooden sail boat'])
    expect(['', ' . ', '12 of the'].flatMap((caption) => finder('en').phrasesOf(caption))).toEqual([])
  })
})

describe('what tells captions apart', () => {
  it('is neither order nor articles nor signs, but each other word', () => {
    const content = (caption: string) => finder('en').contentOf(caption)
    expect(content('A man walks the dog.')).toBe(content('the Dog, walks: man'))
    expect(content('A man walks the dog.')).not.toBe(content('A man feeds the dog.'))
    expect(content('Café')).toBe(content('Cafe\u0301'))
  })
})

describe('a language file', () => {
  it('is there for English, Spanish, German and Chinese, each with questions that have no mark', () => {
    expect([...languages.keys()]).toEqual(['de', 'en', 'es', 'zh'])
  })

  it('that is wrong is refused with each key and its line', async () => {
    const file = writeData(
      'xx.yaml',
      'functionWords: [a]\notherWords: []\nvideoQuestions: ["What? <video>"]\nimageQuestion: [b]\n',
    )
    await expect(readLanguages(dirname(file))).rejects.toThrow(/DATASET|xx\.yaml:2[\s\S]*xx\.yaml:3[\s\S]*xx\.yaml:4/)
  })
})
