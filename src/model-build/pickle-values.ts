// What a pickle of weights may hold.

/** A value of the pickle. Dictionaries are maps, so that no key means anything to JavaScript. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | PickleName
  | PickledStorage
  | PickledTensor
  | readonly PickleValue[]
  | PickleList
  | Map<PickleValue, PickleValue>

/** One of the few names that a pickle may say. */
export class PickleName {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** A list, which later operations fill. */
export class PickleList {
  readonly items: PickleValue[] = []
}

/** The bytes that tensors lie in: an entry `data/{key}` of the archive. */
export class PickledStorage {
  readonly dtype: string
  readonly key: string
  readonly elements: number
  constructor(dtype: string, key: string, elements: number) {
    this.dtype = dtype
    this.key = key
    this.elements = elements
  }
}

/** A tensor as the pickle describes it, not yet checked against its storage. */
export class PickledTensor {
  readonly storage: PickledStorage
  readonly firstElement: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  constructor(storage: PickledStorage, firstElement: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage
    this.firstElement = firstElement
    this.shape = shape
    this.strides = strides
  }
}
