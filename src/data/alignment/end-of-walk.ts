// Where the walk over the phrases ends when so many captions and no more are wanted.
import { drawnFrom } from '../phrases/text-hash.ts'

/**
 * Finds the place in the walk where the target is reached, and which of those at that place are still taken.
 * @param places of all captions, null for those that no phrase takes
 * @returns told the places of the captions once more in the same order, whether each is within
 */
export async function findEndOfWalk(
  target: number,
  seed: number,
  places: AsyncIterable<number | null>,
): Promise<(place: number) => boolean> {
  const atPlace = new Map<number, number>()
  for await (const place of places) if (place !== null) atPlace.set(place, (atPlace.get(place) ?? 0) + 1)
  let left = target
  for (const [place, count] of [...atPlace].sort(([a], [b]) => a - b)) {
    if (count >= left) {
      let passed = 0
      let taken = 0
      return (of) => {
        if (of !== place) return of < place
        const isTaken = drawnFrom(seed, place, ++passed) * (count - passed + 1) < left - taken
        if (isTaken) taken += 1
        return isTaken
      }
    }
    left -= count
  }
  return () => true
}
