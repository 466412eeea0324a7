import { describe, expect, it } from 'vitest'
import { ToldText } from '../../../src/cluster/told-text.ts'

describe('the words of an answer', () => {
  it('are told as they come', () => {
    const told = new ToldText()
    expect([told.take(0, 'A '), told.take(2, 'ball'), told.finish('A ball.')]).toEqual(['A ', 'ball', '.'])
  })

  it('are told once when another engine begins anew, however it cuts them', () => {
    const told = new ToldText()
    told.take(0, 'A red ')
    expect([told.take(0, 'A '), told.take(2, 'red ball'), told.finish('A red ball')]).toEqual(['', 'ball', ''])
  })

  it('wait for the end when some before them were lost', () => {
    const told = new ToldText()
    told.take(0, 'A ')
    expect([told.take(6, 'ball'), told.finish('A red ball')]).toEqual(['', 'red ball'])
  })

  it('are refused when another engine says something else, so that nobody reads half of each', () => {
    const told = new ToldText()
    told.take(0, 'A red ')
    expect(() => told.take(0, 'A blue ')).toThrow('other words')
    expect(() => told.finish('A blue ball')).toThrow('other words')
  })
})
