// One ONNX graph, opened and run. Of the importers of onnxruntime-node the one that all others use; its errors are wrapped
// here.
//
// run() of ONNX Runtime blocks the thread that calls it until the graph is done (onnxruntime issues 19611, 26968), so
// sessions belong into the engine's worker thread.
import { basename } from 'node:path'
import './telemetry-off.ts'
import * as ort from 'onnxruntime-node'
import { AppError } from '../errors.ts'
import type { DeviceName } from './devices/device.ts'
import { deviceLost } from './devices/device-lost.ts'
import type { DeviceTensor } from './devices/device-memory.ts'
import type { NamedTensors, Tensor } from './tensor.ts'

/** How a graph is opened. */
export interface SessionOptions {
  /** Threads that share the work inside one operator; 0 lets ONNX Runtime choose (one a physical core). */
  readonly intraOpThreads?: number
  /** What it runs on; default the CPU, which also takes what a GPU has no kernel for. */
  readonly device?: DeviceName
}

/** Tensors in a device's memory by the name of a graph's input or output. */
export type DeviceTensors = Readonly<Record<string, DeviceTensor>>

/** The output that ends a run early: a sequence, which the binding cannot hand over. Must be the graph's first. */
const EARLY_END = { output: 'written', message: 'Non tensor type is temporarily not supported.' }

/** An open graph. Its owner must dispose it; it holds the graph's weights in memory. */
export class OnnxSession {
  /** File name of the graph, for messages. */
  readonly name: string
  readonly inputNames: readonly string[]
  /** Outputs that are tensors. */
  readonly outputNames: readonly string[]
  /** What it runs on. */
  readonly device: DeviceName
  readonly #session: ort.InferenceSession
  #disposed = false

  private constructor(name: string, device: DeviceName, session: ort.InferenceSession) {
    this.name = name
    this.device = device
    this.#session = session
    this.inputNames = session.inputNames
    this.outputNames = session.outputMetadata.flatMap((output) => (output.isTensor ? [output.name] : []))
  }

  /** Whether the graph is made for runInPlace; whether that works on this machine is found out by trying. */
  get endsEarly(): boolean {
    const [first] = this.#session.outputMetadata
    return first?.isTensor === false && first.name === EARLY_END.output
  }

  /**
   * Opens a graph from its file; external data is mapped from the files beside it.
   * @throws AppError PACKAGE_CORRUPT when the file is absent, is not a valid graph or misses its data; DEVICE_LOST when a
   * device does not take it
   */
  static async open(path: string, options: SessionOptions = {}): Promise<OnnxSession> {
    const name = basename(path)
    const { device = 'cpu' } = options
    try {
      const session = await ort.InferenceSession.create(path, {
        executionProviders: [device],
        intraOpNumThreads: options.intraOpThreads ?? 0,
        graphOptimizationLevel: 'all',
        // Shapes change with every step, so a memory pattern would be recorded and never used again.
        enableMemPattern: false,
        // 3 = errors only: warnings about the optimiser say nothing an operator can act on.
        logSeverityLevel: 3,
      })
      return new OnnxSession(name, device, session)
    } catch (cause) {
      if (device !== 'cpu') throw deviceLost(`the graph ${name}`, cause)
      throw new AppError(
        'PACKAGE_CORRUPT',
        `Cannot open the graph ${name}: ${oneLine(cause)}. A graph must be a valid ONNX file with its weights beside it: check the package with "valley model verify" and build it again.`,
        { details: { file: path }, cause },
      )
    }
  }

  /**
   * Runs the graph once.
   * @param feeds every input by name; read in place, not copied, and untouched
   * @param outputs names of the outputs wanted; the others are not copied out
   * @returns the outputs by name, each in memory of its own
   * @throws AppError INFERENCE_FAILED when ONNX Runtime refuses or the session was disposed; DEVICE_LOST on a device
   */
  async run(feeds: NamedTensors, outputs: readonly string[] = this.outputNames): Promise<NamedTensors> {
    if (this.#disposed) throw this.#failure(new Error('the session was disposed'))
    try {
      const results = await this.#session.run(mapValues(feeds, toRuntime), outputs)
      return mapValues(results as Record<string, ort.Tensor>, fromRuntime)
    } catch (cause) {
      throw this.#failure(cause)
    }
  }

  /**
   * Runs the graph once and has outputs written where the caller wants them; the memory of an input may be among it.
   *
   * The binding copies each output that it hands over, and has no way to hand over none. So the first output asked for is
   * one that it refuses to hand over: it gives up there, when ONNX Runtime has written all others into their memory. That
   * rests on how version 1.30 works inside; whoever uses it compares it with run() first.
   * @param feeds every input by name, read in place
   * @param targets memory for outputs by name, of the shapes that the outputs will have; written when this resolves
   * @throws AppError INFERENCE_FAILED when ONNX Runtime refuses, or hands the outputs over after all
   */
  async runInPlace(feeds: NamedTensors, targets: NamedTensors): Promise<void> {
    if (this.#disposed) throw this.#failure(new Error('the session was disposed'))
    try {
      await this.#session.run(mapValues(feeds, toRuntime), {
        [EARLY_END.output]: null,
        ...mapValues(targets, toRuntime),
      })
    } catch (cause) {
      if (cause instanceof Error && cause.message.includes(EARLY_END.message)) return
      throw this.#failure(cause)
    }
    throw this.#failure(new Error(`the output ${EARLY_END.output} was handed over, so others may have been copied`))
  }

  /**
   * Runs the graph once with tensors that lie in its device's memory. Nothing of them crosses the bus.
   * @param feeds the inputs that come from here
   * @param lent the inputs that lie there
   * @param targets where outputs go that stay there; an input may be among them, and is then written where it is read
   * @param outputs names of the outputs that are handed over
   * @returns those
   * @throws AppError DEVICE_LOST
   */
  async runOnDevice(
    feeds: NamedTensors,
    lent: DeviceTensors,
    targets: DeviceTensors,
    outputs: readonly string[],
  ): Promise<NamedTensors> {
    if (this.#disposed) throw this.#failure(new Error('the session was disposed'))
    try {
      const results = await this.#session.run(
        { ...mapValues(feeds, toRuntime), ...mapValues(lent, handleOf) },
        { ...Object.fromEntries(outputs.map((name) => [name, null])), ...mapValues(targets, handleOf) },
      )
      return Object.fromEntries(outputs.map((name) => [name, fromRuntime(results[name] as ort.Tensor)]))
    } catch (cause) {
      throw this.#failure(cause)
    }
  }

  /** Frees the graph and its weights; running it afterwards fails. Twice is allowed. */
  async dispose(): Promise<void> {
    if (this.#disposed) return
    this.#disposed = true
    await this.#session.release()
  }

  #failure(cause: unknown): AppError {
    if (this.device !== 'cpu') return deviceLost(`the graph ${this.name}`, cause)
    return new AppError(
      'INFERENCE_FAILED',
      `The graph ${this.name} failed: ${oneLine(cause)}. Inputs are ${this.inputNames.join(', ')}; if the package passes "valley model verify", report this.`,
      { details: { graph: this.name }, cause },
    )
  }
}

function toRuntime(tensor: Tensor): ort.Tensor {
  return new ort.Tensor(tensor.type, tensor.data, tensor.dims)
}

function handleOf({ handle }: DeviceTensor): ort.Tensor {
  return handle
}

function fromRuntime(tensor: ort.Tensor): Tensor {
  const { type, dims, data } = tensor
  if (type === 'float32') return { type, dims, data: data as Float32Array }
  if (type === 'int32') return { type, dims, data: data as Int32Array }
  if (type === 'int64') return { type, dims, data: data as BigInt64Array }
  throw new Error(`an output is of type ${type}; only float32, int32 and int64 are read`)
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, convert: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, convert(value)]))
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replace(/\s+/g, ' ').replace(/[. ]+$/, '')
}
