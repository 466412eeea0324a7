// How to come to the chosen pictures of a long clip with the least decoding, from the places of its key frames alone: in one
// pass from the start, over the key frames only, or from the key frame before each, skipping what lies between. Pure
// arithmetic; costs are counted in pictures that follow a key frame.
import { assert } from '../assert.ts'

/** Pictures that one process decodes, one after the other. */
export interface DecodeRun {
  /** Key frame to begin at; null for the start of the clip. */
  readonly fromPlace: number | null
  /** Places of the pictures wanted, ascending, at least one. */
  readonly places: readonly number[]
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
}

/** Runs of one plan that go at the same time; a third is being read meanwhile. */
export const RUNS_AT_ONCE = 2

/** Start of a process and reading of the container's index: 40 ms of two cores, in which they decode so many in 1080p. */
const START_COST = 30
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
  const pass: DecodeRun[] = [{ fromPlace: null, places: wanted, keyFramesOnly: false }]
  if (choice.keyPlaces[0] !== 0) return pass
  const keys = new Set(choice.keyPlaces)
  const plans = wanted.every((place) => keys.has(place))
    ? [[{ fromPlace: null, places: wanted, keyFramesOnly: true }], wanted.map(alone)]
    : [runsBetween(wanted, choice)]
  const possible = plans.filter((runs) => isPossible(runs, choice))
  const cost = (runs: readonly DecodeRun[]) => costOf(runs, choice.keyPlaces)
  const best = possible.reduce<DecodeRun[]>((least, runs) => (cost(runs) < cost(least) ? runs : least), pass)
  return cost(best) < cost(pass) * LEAST_GAIN ? best : pass
}

/** A key frame by itself. */
function alone(place: number): DecodeRun {
  return { fromPlace: place, places: [place], keyFramesOnly: true }
}

function isPossible(runs: readonly DecodeRun[], choice: DecodeChoice): boolean {
  const most = runs.length === 1 ? choice.mostHeld : mostInRun(choice)
  return runs.every(({ fromPlace, places }) => places.length <= most && (fromPlace === null || choice.canSeek))
}

function mostInRun({ mostHeld }: DecodeChoice): number {
  return Math.max(1, Math.floor(mostHeld / (RUNS_AT_ONCE + 1)))
}

/** Pictures with the key frame before them; the next key frame's join when to go on is cheaper than to begin again. */
function runsBetween(wanted: readonly number[], choice: DecodeChoice): DecodeRun[] {
  const runs: { fromPlace: number; places: number[]; keyFramesOnly: boolean }[] = []
  for (const { key, places } of byKeyFrame(wanted, choice.keyPlaces)) {
    const last = runs.at(-1)
    const joins = last !== undefined && last.places.length + places.length <= mostInRun(choice)
    if (joins && key - last.places.at(-1)! <= START_COST) last.places.push(...places)
    else runs.push({ fromPlace: key, places, keyFramesOnly: false })
  }
  return runs
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
  return runs.reduce((sum, { fromPlace, places, keyFramesOnly }) => {
    const [from, to] = [fromPlace ?? 0, places.at(-1)!]
    const keys = countBetween(keyPlaces, from, to)
    const others = keyFramesOnly ? 0 : to - from + 1 - keys
    return sum + START_COST + keys * KEY_COST + others
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
