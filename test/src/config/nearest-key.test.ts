import { expect, it } from 'vitest'
import { nearestKey } from '../../../src/config/nearest-key.ts'

const KEYS = ['threads', 'frames', 'locale', 'maxClipBytes']

it.each([
  ['thread', 'threads'],
  ['THREADS', 'threads'],
  ['freams', 'frames'],
  ['local', 'locale'],
  ['max_clip_bytes', 'maxClipBytes'],
])('takes %s for %s', (seen, meant) => {
  expect(nearestKey(seen, KEYS)).toBe(meant)
})

it.each(['', 'x', 'storyboard', 'databaseFolder'])('finds nothing near %j', (seen) => {
  expect(nearestKey(seen, KEYS)).toBeNull()
})
