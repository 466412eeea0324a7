// How to come to the chosen pictures of a long clip with the least decoding, from the places of its key frames alone: in one
// pass from the start, over the key frames only, or from the key frame before each, skipping what lies between. Pure
// arithmetic; costs are counted in pictures that follow a key frame.
import { assert } from '../assert.ts'

/** Pictures that are decoded one after the other from one place on. */
export interface Stretch {
  /** Key frame to begin at; null for the start of the clip. */
  readonly fromPlace: number | null
  /** Places of the pictures wanted, ascending, at least one. */
  readonly places: readonly number[]
}

/** What one process decodes. */
export interface DecodeRun {
  /** In time order, at least one; each of several begins with its one picture, a key frame. */
  readonly stretches: readonly Stretch[]
  /** Everything but key frames is passed over, undecoded. */
  readonly keyFramesOnly: boolean
}

/** What there is to choose from. */
export interface DecodeChoice {
  /** Places of the key frames, ascending; the first is 0. */
  readonly keyPlaces: readonly number[]
  /** Whether the container leads to a key frame without reading what comes before. */
  readonly canSeek: boolean
  /** Most pictures that are held at a time. */
  readonly mostHeld: number
  /** Most places that one process seeks to, each with a decoder of its own. */
  readonly mostSought: number
}

/** Runs of one plan that go at the same time; a third is being read meanwhile. */
export const RUNS_AT_ONCE = 2

/** Start of a process and reading of the container's index: 40 ms of two cores, in which they decode so many in 1080p. */
const START_COST = 30
/** To seek, with the file and its index open a second time: 12 ms of one core beside the decoding. */
const SEEK_COST = 6
/** A key frame takes more bits and more time than what follows it. */
const KEY_COST = 8
/** Runs must be so much cheaper than a pass, since the costs are rough and a pass never fails. */
const LEAST_GAIN = 0.8

/**
 * Plans the decoding.
 * @param wanted places of pictures, ascending, at least one
 * @returns runs in time order; one that begins at null and takes all pictures when nothing is cheaper
 */
export function planDecoding(wanted: readonly number[], choice: DecodeChoice): DecodeRun[] {
  assert(wanted.length > 0, 'a plan needs at least one picture')
  const pass = [oneStretch(null, wanted, false)]
  if (choice.keyPlaces[0] !== 0) return pass
  const keys = new Set(choice.keyPlaces)
  const plans = wanted.every((place) => keys.has(place))
    ? [[oneStretch(null, wanted, true)], eachSought(wanted, choice)]
    : [runsBetween(wanted, choice)]
  const possible = plans.filter((runs) => isPossible(runs, choice))
  const cost = (runs: readonly DecodeRun[]) => costOf(runs, choice.keyPlaces)
  const best = possible.reduce<DecodeRun[]>((least, runs) => (cost(runs) < cost(least) ? runs : least), pass)
  return cost(best) < cost(pass) * LEAST_GAIN ? best : pass
}

/** A run without interruption. */
export function oneStretch(fromPlace: number | null, places: readonly number[], keyFramesOnly: boolean): DecodeRun {
  return { stretches: [{ fromPlace, places }], keyFramesOnly }
}

/** All places of a run's pictures, ascending. */
export function placesOf({ stretches }: DecodeRun): number[] {
  return stretches.flatMap(({ places }) => places)
}

/** Key frames, each by itself, shared out evenly: to start a process takes several times what it takes to seek once more. */
function eachSought(wanted: readonly number[], choice: DecodeChoice): DecodeRun[] {
  const most = Math.min(choice.mostSought, mostInRun(choice))
  const count = Math.max(Math.min(RUNS_AT_ONCE, wanted.length), Math.ceil(wanted.length / most))
  const edge = (run: number) => Math.floor((wanted.length * run) / count)
  return Array.from({ length: count }, (_, run) => ({
    stretches: wanted.slice(edge(run), edge(run + 1)).map((place) => ({ fromPlace: place, places: [place] })),
    keyFramesOnly: true,
  }))
}

function isPossible(runs: readonly DecodeRun[], choice: DecodeChoice): boolean {
  const most = runs.length === 1 ? choice.mostHeld : mostInRun(choice)
  return runs.every(
    (run) =>
      placesOf(run).length <= most && (choice.canSeek || run.stretches.every(({ fromPlace }) => fromPlace === null)),
  )
}

function mostInRun({ mostHeld }: DecodeChoice): number {
  return Math.max(1, Math.floor(mostHeld / (RUNS_AT_ONCE + 1)))
}

/** Pictures with the key frame before them; the next key frame's join when to go on is cheaper than to begin again. */
function runsBetween(wanted: readonly number[], choice: DecodeChoice): DecodeRun[] {
  const stretches: { fromPlace: number; places: number[] }[] = []
  for (const { key, places } of byKeyFrame(wanted, choice.keyPlaces)) {
    const last = stretches.at(-1)
    const joins = last !== undefined && last.places.length + places.length <= mostInRun(choice)
    if (joins && key - last.places.at(-1)! <= START_COST) last.places.push(...places)
    else stretches.push({ fromPlace: key, places })
  }
  return stretches.map(({ fromPlace, places }) => oneStretch(fromPlace, places, false))
}

function byKeyFrame(wanted: readonly number[], keyPlaces: readonly number[]): { key: number; places: number[] }[] {
  const groups: { key: number; places: number[] }[] = []
  let at = 0
  for (const place of wanted) {
    while (at + 1 < keyPlaces.length && keyPlaces[at + 1]! <= place) at++
    const key = keyPlaces[at]!
    if (groups.at(-1)?.key === key) groups.at(-1)!.places.push(place)
    else groups.push({ key, places: [place] })
  }
  return groups
}

function costOf(runs: readonly DecodeRun[], keyPlaces: readonly number[]): number {
  return runs.reduce(
    (sum, run) => sum + START_COST + (run.stretches.length - 1) * SEEK_COST + pictureCost(run, keyPlaces),
    0,
  )
}

function pictureCost({ stretches, keyFramesOnly }: DecodeRun, keyPlaces: readonly number[]): number {
  return stretches.reduce((sum, { fromPlace, places }) => {
    const [from, to] = [fromPlace ?? 0, places.at(-1)!]
    const keys = countBetween(keyPlaces, from, to)
    const others = keyFramesOnly ? 0 : to - from + 1 - keys
    return sum + keys * KEY_COST + others
  }, 0)
}

/** How many of ascending places lie in [from, to]. */
function countBetween(places: readonly number[], from: number, to: number): number {
  return countBelow(places, to + 1) - countBelow(places, from)
}

function countBelow(places: readonly number[], bound: number): number {
  let [low, high] = [0, places.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (places[middle]! < bound) low = middle + 1
    else high = middle
  }
  return low
}
