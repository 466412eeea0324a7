// Tensors that lie in a GPU's memory: rows of keys and values come in there, grow there, and are read back. The binding can
// neither make nor read such a tensor by itself, so a small graph does it, opened twice: once its output stays on the
// device, once it is handed over.
import '../telemetry-off.ts'
import * as ort from 'onnxruntime-node'
import { type Float32Tensor, float32Tensor } from '../tensor.ts'
import type { DeviceName } from './device.ts'
import { deviceLost } from './device-lost.ts'

/**
 * The graph, opset 21: moved = Pad(Slice(rows, from, to, axis 2), room), with rows [B, H, C, D], from and to int64 [1],
 * room int64 [8], values to be added before and behind each axis. Written by src/model-build/graph-builder.ts; a test holds
 * it to what it should do.
 */
const MOVE_ROWS_GRAPH = [
  'CAoSBnZhbGxleTqnAgozCgRyb3dzCgRmcm9tCgJ0bwoGbGlzdDoyEglTbGljZS4wOjAaB1NsaWNlLjAiBVNsaWNlCiYKCVNsaWNl',
  'LjA6MAoEcm9vbRIHUGFkLjE6MBoFUGFkLjEiA1BhZAohCgdQYWQuMTowEgVtb3ZlZBoFbW92ZWQiCElkZW50aXR5Egltb3ZlLXJv',
  'd3MqFwoBARAHQgZsaXN0OjJKCAIAAAAAAAAAWiIKBHJvd3MSGgoYCAESFAoDEgFCCgMSAUgKAxIBQwoDEgFEWhIKBGZyb20SCgoI',
  'CAcSBAoCCAFaEAoCdG8SCgoICAcSBAoCCAFaEgoEcm9vbRIKCggIBxIECgIICGIjCgVtb3ZlZBIaChgIARIUCgMSAUIKAxIBSAoD',
  'EgFSCgMSAURCAhAVQhEKDWNvbS5taWNyb3NvZnQQAQ==',
].join('')

/** Rows to be cut out, the end exclusive. */
interface RowRange {
  readonly from: number
  readonly to: number
}

/** A float32 tensor [1, H, C, D] in the memory of a device; its owner disposes it. */
export class DeviceTensor {
  readonly dims: readonly number[]
  /** What ONNX Runtime knows it by; for src/onnx alone. */
  readonly handle: ort.Tensor

  constructor(handle: ort.Tensor) {
    this.dims = handle.dims
    this.handle = handle
  }

  /** Frees its memory. */
  dispose(): void {
    this.handle.dispose()
  }
}

/** The memory of one device. */
export class DeviceMemory {
  readonly #stays: ort.InferenceSession
  readonly #comesBack: ort.InferenceSession

  private constructor(stays: ort.InferenceSession, comesBack: ort.InferenceSession) {
    this.#stays = stays
    this.#comesBack = comesBack
  }

  /** Opens it; the caller disposes it. @throws AppError DEVICE_LOST */
  static async open(device: DeviceName): Promise<DeviceMemory> {
    const options = { executionProviders: [device], logSeverityLevel: 3 } as const
    const graph = Buffer.from(MOVE_ROWS_GRAPH, 'base64')
    return orLost(async () => {
      const stays = await ort.InferenceSession.create(graph, { ...options, preferredOutputLocation: 'gpu-buffer' })
      return new DeviceMemory(stays, await ort.InferenceSession.create(graph, options))
    })
  }

  /**
   * Takes rows in.
   * @param rows [1, H, C, D], of which all are taken in
   * @param capacity C of what comes of it, at least that of the rows
   */
  takeIn(rows: Float32Tensor, capacity: number): Promise<DeviceTensor> {
    const { type, data, dims } = rows
    return this.#place(new ort.Tensor(type, data, dims), dims[2]!, capacity)
  }

  /** Copies the first rows of a tensor to where there is more room. */
  enlarge({ handle }: DeviceTensor, rows: number, capacity: number): Promise<DeviceTensor> {
    return this.#place(handle, rows, capacity)
  }

  /** Reads rows back, [1, H, to - from, D] in memory of their own. */
  readBack({ handle }: DeviceTensor, range: RowRange): Promise<Float32Tensor> {
    return orLost(async () => {
      const { moved } = await this.#comesBack.run(feedsOf(handle, range, 0))
      return float32Tensor(moved!.data as Float32Array, moved!.dims)
    })
  }

  /** Frees the graphs; tensors are freed by their owners. */
  async dispose(): Promise<void> {
    await Promise.all([this.#stays.release(), this.#comesBack.release()])
  }

  #place(rows: ort.Tensor, count: number, capacity: number): Promise<DeviceTensor> {
    return orLost(async () => {
      const { moved } = await this.#stays.run(feedsOf(rows, { from: 0, to: count }, capacity - count))
      return new DeviceTensor(moved as ort.Tensor)
    })
  }
}

function feedsOf(rows: ort.Tensor, { from, to }: RowRange, roomBehind: number): Record<string, ort.Tensor> {
  return { rows, from: integers(from), to: integers(to), room: integers(0, 0, 0, 0, 0, 0, roomBehind, 0) }
}

function integers(...values: readonly number[]): ort.Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [values.length])
}

async function orLost<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (cause) {
    throw deviceLost('its memory', cause)
  }
}
