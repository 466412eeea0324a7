import { expect, it } from 'vitest'
import { clockTime, hoursMinutesSeconds, numberInWords } from '../../../src/valley/number-words.ts'

// From num2words 0.5.14.
it.each([
  [0, 'zero'],
  [7, 'seven'],
  [13, 'thirteen'],
  [20, 'twenty'],
  [42, 'forty-two'],
  [100, 'one hundred'],
  [115, 'one hundred and fifteen'],
  [999, 'nine hundred and ninety-nine'],
  [1000, 'one thousand'],
  [1005, 'one thousand and five'],
  [1234, 'one thousand, two hundred and thirty-four'],
  [21_000, 'twenty-one thousand'],
])('says %i as num2words does', (value, words) => {
  expect(numberInWords(value)).toBe(words)
})

it('cuts times to whole seconds', () => {
  expect(clockTime(59.9)).toBe('00:59')
  expect(clockTime(3661)).toBe('61:01')
  expect(hoursMinutesSeconds(3661.5)).toBe('1:01:01')
  expect(hoursMinutesSeconds(9)).toBe('0:00:09')
})
