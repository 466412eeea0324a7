import { describe, expect, it } from 'vitest'
import { themesOf } from '../../../../src/moderation/digest/themes.ts'

describe('themesOf', () => {
  it('groups clips under the words that most of them share', () => {
    const descriptions = [
      'A cat moves left.',
      'There is a cat and a boat.',
      'A boat and a cat.',
      'A dog.',
      'Dog and tree!',
    ]
    expect(themesOf(descriptions, 5)).toEqual({
      themes: [
        { word: 'cat', members: [0, 1, 2] },
        { word: 'dog', members: [3, 4] },
      ],
      others: [],
    })
  })

  it('leaves alone what shares nothing, and what is too much', () => {
    const descriptions = ['a cat', 'a cat', 'a dog', 'a dog', 'a whale', '']
    expect(themesOf(descriptions, 1)).toEqual({ themes: [{ word: 'cat', members: [0, 1] }], others: [2, 3, 4, 5] })
    expect(themesOf([], 5)).toEqual({ themes: [], others: [] })
  })

  it('makes no theme of words that every description has', () => {
    expect(themesOf(['The clip shows a fox.', 'The clip shows a bee.'], 5)).toEqual({ themes: [], others: [0, 1] })
  })
})
