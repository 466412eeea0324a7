// KV caches whose rows lie in the memory of a GPU while they are worked on, so that no row crosses the bus with each token.
// A cache goes there with its next run and comes home when its answer has ended: what is kept between questions is kept in
// the machine's own memory, of which there is more.
import type { DeviceMemory, DeviceTensor } from '../onnx/devices/device-memory.ts'
import type { DeviceTensors } from '../onnx/session.ts'
import { float32Tensor, type Tensor } from '../onnx/tensor.ts'
import { type KvCache, layerTensorNames } from './kv-cache.ts'
import type { Shapes } from './shapes.ts'

/** The rows of one cache on the device, key then value of each layer, each [1, Hkv, C, Dh]. */
interface Seat {
  capacity: number
  tensors: DeviceTensor[]
}

/** The caches that lie on one device. */
export class DeviceCaches {
  readonly #memory: DeviceMemory
  readonly #shapes: Shapes
  readonly #seats = new Map<KvCache, Seat>()

  constructor(memory: DeviceMemory, shapes: Shapes) {
    this.#memory = memory
    this.#shapes = shapes
  }

  /**
   * Takes a cache to the device, or makes room there for as many rows as the cache has reserved.
   * @returns its rows by the names of the graph's inputs, and of the outputs that are written where those are read
   * @throws AppError DEVICE_LOST; the cache is as it was then
   */
  async seat(cache: KvCache): Promise<Record<'past' | 'present', DeviceTensors>> {
    const known = this.#seats.get(cache)
    if (known === undefined) {
      this.#seats.set(cache, await this.#takeIn(cache))
      cache.leaveHome()
    } else if (known.capacity < cache.capacity) {
      await this.#enlarge(known, cache)
    }
    const { tensors } = this.#seats.get(cache)!
    return { past: this.#named('past', tensors), present: this.#named('present', tensors) }
  }

  /**
   * Brings a cache home with the rows that came to it on the device. When the device gives them back no more, the cache
   * forgets them, which costs time and no answer.
   */
  async bringHome(cache: KvCache): Promise<void> {
    const seat = this.#seats.get(cache)
    if (seat === undefined) return
    this.#seats.delete(cache)
    cache.comeHome(await this.#readBack(cache, seat).catch(() => null))
    for (const tensor of seat.tensors) tensor.dispose()
  }

  async #takeIn(cache: KvCache): Promise<Seat> {
    const { capacity } = cache
    const tensors: DeviceTensor[] = []
    try {
      for (const rows of this.#inOrder('past', cache.pastTensors())) {
        tensors.push(await this.#memory.takeIn(float32Tensor(rows.data as Float32Array, rows.dims), capacity))
      }
    } catch (error) {
      for (const tensor of tensors) tensor.dispose()
      throw error
    }
    return { capacity, tensors }
  }

  async #enlarge(seat: Seat, { length, capacity }: KvCache): Promise<void> {
    for (const [index, tensor] of seat.tensors.entries()) {
      // One by one, so that no more than one tensor is there twice.
      seat.tensors[index] = await this.#memory.enlarge(tensor, length, capacity)
      tensor.dispose()
    }
    seat.capacity = capacity
  }

  /** Rows that the cache lacks at home, by the names under which a graph returns new rows. */
  async #readBack({ rowsAtHome, length }: KvCache, { tensors }: Seat): Promise<Record<string, Tensor>> {
    if (rowsAtHome === length) return {}
    const names = this.#names('fresh')
    const read: Record<string, Tensor> = {}
    for (const [index, tensor] of tensors.entries()) {
      read[names[index]!] = await this.#memory.readBack(tensor, { from: rowsAtHome, to: length })
    }
    return read
  }

  #names(kind: 'past' | 'present' | 'fresh'): string[] {
    return Array.from({ length: this.#shapes.L }, (_, layer) => layerTensorNames(layer)[kind]).flat()
  }

  #inOrder(kind: 'past', tensors: Readonly<Record<string, Tensor>>): Tensor[] {
    return this.#names(kind).map((name) => tensors[name]!)
  }

  #named(kind: 'past' | 'present', tensors: readonly DeviceTensor[]): DeviceTensors {
    return Object.fromEntries(this.#names(kind).map((name, index) => [name, tensors[index]!]))
  }
}
