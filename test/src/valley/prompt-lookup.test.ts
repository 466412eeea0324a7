import { describe, expect, it } from 'vitest'
import { GuessGate } from '../../../src/valley/guess-gate.ts'
import { guessNextIds } from '../../../src/valley/prompt-lookup.ts'

describe('guessNextIds', () => {
  it('says what followed the last words before', () => {
    expect(guessNextIds([7, 1, 2, 3, 4, 5, 6, 9, 1, 2, 3], 3)).toEqual([4, 5, 6])
  })

  it('prefers three words to two, and the latest place of both', () => {
    expect(guessNextIds([1, 2, 3, 40, 8, 2, 3, 50, 1, 2, 3], 1)).toEqual([40])
    expect(guessNextIds([2, 3, 40, 8, 2, 3, 50, 9, 2, 3], 1)).toEqual([50])
  })

  it('guesses no more than it may, and no more than there is', () => {
    expect(guessNextIds([1, 2, 3, 1, 2], 2)).toEqual([3, 1])
    expect(guessNextIds([1, 2, 3, 1, 2], 9)).toEqual([3, 1, 2])
    expect(guessNextIds([1, 2, 3, 1, 2], 0)).toEqual([])
    expect(guessNextIds([5, 5, 5], 2)).toEqual([5])
  })

  it('guesses nothing where the last words are new', () => {
    expect(guessNextIds([1, 2, 3, 4], 3)).toEqual([])
    expect(guessNextIds([1], 3)).toEqual([])
    expect(guessNextIds([], 3)).toEqual([])
  })
})

describe('GuessGate', () => {
  it('waits for a plain step, goes on while guesses pay, and pauses when they do not', () => {
    const gate = new GuessGate()
    expect(gate.isOpen).toBe(false)
    gate.plain(10)
    expect(gate.isOpen).toBe(true)
    gate.checked(20, 4) // 20 ms for what takes 40 step by step
    expect(gate.isOpen).toBe(true)
    for (let times = 0; times < 20; times++) gate.checked(20, 1)
    expect(gate.isOpen).toBe(false)
    for (let steps = 0; steps < 100 && !gate.isOpen; steps++) gate.plain(10)
    expect(gate.isOpen).toBe(true)
  })
})
