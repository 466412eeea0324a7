// Whole numbers one after another, in a table that grows: a quarter of the memory that a list of them takes.

const FIRST_LENGTH = 1024

/** Numbers from 0 to 2³² - 1. */
export class GrowingNumbers {
  #numbers = new Uint32Array(FIRST_LENGTH)
  #length = 0

  /** How many there are. */
  get length(): number {
    return this.#length
  }

  /** Adds one. */
  push(number: number): void {
    if (this.#length === this.#numbers.length) {
      const larger = new Uint32Array(this.#length * 2)
      larger.set(this.#numbers)
      this.#numbers = larger
    }
    this.#numbers[this.#length++] = number
  }

  /** The number at a place. */
  at(index: number): number {
    return this.#numbers[index]!
  }

  /** Those from a place up to another; not a copy. */
  between(start: number, end: number): Uint32Array {
    return this.#numbers.subarray(start, end)
  }

  /** All of them; not a copy. */
  save(): Uint32Array<ArrayBufferLike> {
    return this.#numbers.subarray(0, this.#length)
  }

  /** Takes over what save() gave. */
  restore(numbers: Uint32Array): void {
    this.#length = numbers.length
    this.#numbers = new Uint32Array(Math.max(FIRST_LENGTH, numbers.length))
    this.#numbers.set(numbers)
  }
}
