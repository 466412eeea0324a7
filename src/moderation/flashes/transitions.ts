// The changes of one cell over time that make flashes: a flash is a change and the opposite one after it.
import {
  type Chromaticity,
  chromaticDistance,
  chromaticityOf,
  isSaturatedRed,
  type LinearColour,
  relativeLuminance,
} from './colour.ts'

/** A change of relative luminance counts from 10 % of the largest possible, 1. */
const LEAST_CHANGE = 0.1
/** It counts only where the darker side is below this. */
const DARKER_BELOW = 0.8
/** A change from or to a saturated red counts above this distance in the UCS diagram. */
const RED_DISTANCE_ABOVE = 0.2
/** Sums of binary fractions; a step of just so much must not be lost to rounding. */
const TOLERANCE = 1e-9

/** Finds changes in a series of colours. */
export interface TransitionDetector {
  /** Takes the next colour; true when it completes a change that counts. */
  add(colour: LinearColour): boolean
}

/** Changes of luminance between neighbouring peaks and valleys. */
export class LuminanceTransitions implements TransitionDetector {
  /** 0 until the first change. */
  #direction: -1 | 0 | 1 = 0
  #lowest = Number.POSITIVE_INFINITY
  #highest = Number.NEGATIVE_INFINITY
  #isCounted = false

  add(colour: LinearColour): boolean {
    const luminance = relativeLuminance(colour)
    const rises = this.#direction !== 1 && luminance - this.#lowest >= LEAST_CHANGE - TOLERANCE
    const falls = this.#direction !== -1 && this.#highest - luminance >= LEAST_CHANGE - TOLERANCE
    if (rises || falls) {
      this.#direction = rises ? 1 : -1
      this.#isCounted = false
      // The side that the change came from stays: it may be the darker one.
      if (rises) this.#highest = luminance
      else this.#lowest = luminance
    } else {
      if (this.#direction !== -1) this.#highest = Math.max(this.#highest, luminance)
      if (this.#direction !== 1) this.#lowest = Math.min(this.#lowest, luminance)
    }
    // A fall from white may become dark enough only later on its way.
    if (this.#direction === 0 || this.#isCounted || this.#lowest >= DARKER_BELOW) return false
    this.#isCounted = true
    return true
  }
}

/** Changes from and to a saturated red. */
export class RedTransitions implements TransitionDetector {
  #isRed: boolean | null = null
  /** The reddest since the change to red, else the colour farthest from the last red. */
  #extreme: Chromaticity = { u: 0, v: 0 }
  #lastRed: Chromaticity | null = null

  add(colour: LinearColour): boolean {
    const place = chromaticityOf(colour)
    const red = isSaturatedRed(colour)
    if (this.#isRed === null) {
      this.#turn(red, place)
      return false
    }
    const isFar = chromaticDistance(place, this.#extreme) > RED_DISTANCE_ABOVE
    if (this.#isRed !== red && isFar) {
      this.#turn(red, place)
      return true
    }
    if (this.#isRed && red && place.u > this.#extreme.u) this.#turn(true, place)
    if (!this.#isRed && !red && this.#isFartherThanBefore(place)) this.#extreme = place
    return false
  }

  #turn(isRed: boolean, place: Chromaticity): void {
    this.#isRed = isRed
    this.#extreme = place
    if (isRed) this.#lastRed = place
  }

  #isFartherThanBefore(place: Chromaticity): boolean {
    if (this.#lastRed === null) return true
    return chromaticDistance(place, this.#lastRed) > chromaticDistance(this.#extreme, this.#lastRed)
  }
}
