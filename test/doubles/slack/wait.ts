import type { World } from './world/world.ts'

/** After so long a wait counts as a deadlock. */
export const DEADLOCK_LIMIT_MS = 10_000
const REPEAT_MS = 20

/**
 * Waits until a look at the world finds something.
 * @param look is called now, after every change and now and then; undefined, null and false mean not yet
 * @param what words for the error, e.g. `a message in #general`
 * @param describe what is there instead, for the error
 * @throws Error after the limit
 */
export async function waitUntil<T>(
  world: World,
  what: string,
  look: () => T | undefined | null | false,
  { limitMs = DEADLOCK_LIMIT_MS, describe = () => '' }: { limitMs?: number; describe?: () => string } = {},
): Promise<T> {
  return await new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      clearInterval(repeat)
      world.changes.off('change', check)
    }
    const check = () => {
      const found = look()
      if (found === undefined || found === null || found === false) return
      stop()
      resolve(found)
    }
    const timer = setTimeout(() => {
      stop()
      reject(new Error(`Waited ${limitMs} ms in vain for ${what}. ${describe()}`.trim()))
    }, limitMs)
    // What a look sees outside the double, such as the notes of a test's listener, changes without the double's knowledge.
    const repeat = setInterval(check, REPEAT_MS)
    world.changes.on('change', check)
    check()
  })
}
