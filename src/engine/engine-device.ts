// What an engine's worker computes on: a GPU when one is wanted and opens, and the CPU from the moment on when it fails. A GPU
// takes one engine of a process: runs of two at the same time end the process
// (https://github.com/microsoft/onnxruntime/issues/32561), and those of one come after each other in its worker.
import { AppError } from '../errors.ts'
import { chooseDevice } from '../onnx/devices/choose-device.ts'
import type { ChosenDevice, DeviceChoice } from '../onnx/devices/device.ts'
import type { OpenModel, WorkerOptions } from './protocol.ts'
import { WorkerConnection } from './worker-connection.ts'

/** Told of the device when it is chosen, and again when the engine has to leave it. */
export type DeviceListener = (device: ChosenDevice) => void

/** How a worker is started, whatever it computes on. */
export type OptionsButDevice = Omit<WorkerOptions, 'device' | 'halfPrecision'>

/** The engine that has the GPU. */
let holder: EngineDevice | null = null

/** The device of one engine. */
export class EngineDevice {
  #chosen: ChosenDevice
  readonly #listener: DeviceListener

  private constructor(chosen: ChosenDevice, listener: DeviceListener) {
    this.#chosen = chosen
    this.#listener = listener
  }

  /** Chooses one; the caller releases it. @throws AppError DEVICE_UNAVAILABLE */
  static async choose(choice: DeviceChoice, listener: DeviceListener): Promise<EngineDevice> {
    const device = new EngineDevice(await chooseDevice(choice), listener)
    if (device.#chosen.name !== 'cpu' && holder !== null) {
      device.#chosen = { name: 'cpu', reason: 'another model of this process has the GPU', halfPrecision: false }
    } else if (device.#chosen.name !== 'cpu') {
      holder = device
    }
    listener(device.#chosen)
    return device
  }

  /** The device as it is now. */
  get chosen(): ChosenDevice {
    return this.#chosen
  }

  /**
   * Starts a worker on the device; on the CPU when the device does not take the model.
   * @throws AppError as WorkerConnection.open
   */
  async openWorker(options: OptionsButDevice): Promise<WorkerConnection> {
    const onDeviceLost = (error: AppError) => this.#leave(error)
    try {
      const connection = await WorkerConnection.open({ ...options, ...this.#settings() }, onDeviceLost)
      if (this.#chosen.name !== 'cpu') this.#tellOfModel(connection.model)
      return connection
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'DEVICE_LOST') throw error
      this.#leave(error)
      return WorkerConnection.open({ ...options, ...this.#settings() }, onDeviceLost)
    }
  }

  /** Lets another engine have the GPU. */
  release(): void {
    if (holder === this) holder = null
  }

  #settings(): Pick<WorkerOptions, 'device' | 'halfPrecision'> {
    const { name, halfPrecision } = this.#chosen
    return { device: name, halfPrecision }
  }

  /** Only with the model open it shows what of it the device computes, and how. */
  #tellOfModel({ halfPrecision, towerNote }: OpenModel): void {
    const taken = halfPrecision ? ', which the decoder takes' : '; the model is in float32'
    const products = this.#chosen.halfPrecision ? `with half precision${taken}` : 'without half precision'
    const apart = towerNote === '' ? '' : `; clips are looked at on the CPU: ${towerNote}`
    const reason = `a GPU opens, ${products}${apart}`
    if (reason === this.#chosen.reason) return
    this.#chosen = { ...this.#chosen, reason }
    this.#listener(this.#chosen)
  }

  #leave(error: AppError): void {
    if (this.#chosen.name === 'cpu') return
    this.#chosen = { name: 'cpu', reason: error.message, halfPrecision: false }
    this.release()
    this.#listener(this.#chosen)
  }
}
