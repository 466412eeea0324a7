// All talk of the setup goes to stderr, so that stdout carries answers and JSON only.

/** A failure of the setup that a person can mend; its message is one line and needs no stack. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError'
}

/**
 * Prints one line for people.
 * @param {string} line without its end
 */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/**
 * Announces a step that takes a while, runs it, and tells how long it took.
 * @param {string} what e.g. `Installing packages`
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @template T
 */
export async function step(what, work) {
  const start = performance.now()
  say(`${what} …`)
  const result = await work()
  say(`${what}: done in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return result
}
