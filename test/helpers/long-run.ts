// How much a test goes through: enough to see that it works in the ordinary suite, everything in `npm run test:long`.

/** Whether the long version was asked for. */
export const IS_LONG_RUN = process.env.VALLEY_TEST_LENGTH === 'long'

/** A count for the ordinary suite, and the whole one for the long run. */
export function countFor(ordinary: number, long: number): number {
  return IS_LONG_RUN ? long : ordinary
}
