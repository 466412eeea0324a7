import { describe, expect, it } from 'vitest'
import { findMentions } from '../../../src/evaluation/mentions.ts'

const NAMES = ['cat', 'fox', 'butterfly', 'key', 'car', 'fire', 'fire engine']

describe('findMentions', () => {
  it.each<[string, string[]]>([
    ['There is a Cat and a fox.', ['cat', 'fox']],
    ['A fox, then a cat, then the fox.', ['fox', 'cat']],
    ['Two cats, three foxes and two butterflies.', ['cat', 'fox', 'butterfly']],
    ['A turkey on a carpet.', []],
    ['KEY', ['key']],
    ['A fire engine.', ['fire engine']],
    ['A fire near a fire engine.', ['fire', 'fire engine']],
    ['', []],
  ])('finds in %j %j', (text, names) => {
    expect(findMentions(text, NAMES)).toEqual(names)
  })

  it('takes names as they are, not as patterns', () => {
    expect(findMentions('an axb', ['a.b'])).toEqual([])
  })
})
