// Speeds by the rule of three, on a clock that the test moves.
import { expect, it } from 'vitest'
import { TransferRate } from '../../../src/model-hub/transfer-rate.ts'

it('says nothing before anything came', () => {
  const rate = new TransferRate(() => 0)
  expect([rate.bytesPerSecond, rate.secondsFor(10)]).toEqual([null, null])
  rate.record(0)
  expect([rate.bytesPerSecond, rate.secondsFor(10)]).toEqual([null, null])
})

it('tells speed and time left', () => {
  let now = 0
  const rate = new TransferRate(() => now)
  rate.record(0)
  now = 2000
  rate.record(3_000_000)
  expect(rate.bytesPerSecond).toBe(1_500_000)
  expect(rate.secondsFor(6_000_000)).toBe(4)
})

it('follows the line of the last ten seconds, not of the whole hour', () => {
  let now = 0
  const rate = new TransferRate(() => now)
  let bytes = 0
  for (; now <= 60_000; now += 1000) {
    rate.record(bytes)
    bytes += 1000
  }
  for (; now <= 80_000; now += 1000) {
    rate.record(bytes)
    bytes += 50_000
  }
  expect(rate.bytesPerSecond).toBe(50_000)
})

it('does not promise an end while nothing comes', () => {
  let now = 0
  const rate = new TransferRate(() => now)
  rate.record(500)
  now = 5000
  rate.record(500)
  expect(rate.secondsFor(10)).toBeNull()
})
