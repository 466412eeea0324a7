// The graphs of a model package, opened together and closed together.
import type { ModelPackage } from '../model-package/model-package.ts'
import type { DeviceName } from '../onnx/devices/device.ts'
import { DeviceMemory } from '../onnx/devices/device-memory.ts'
import { OnnxSession, type SessionOptions } from '../onnx/session.ts'
import { preferHalf } from './half-precision.ts'
import { openProvenTower } from './proven-tower.ts'

/** How a package's graphs are opened. */
export interface GraphOptions extends SessionOptions {
  /** Whether the device multiplies float16; default false. */
  readonly halfPrecision?: boolean
}

/** Something that runs as an open graph does. */
export type RunnableGraph = Pick<OnnxSession, 'run'>

/** What looks at clips. */
export interface VisualGraphs {
  readonly visionEncoder: RunnableGraph
  /** The tower for still pictures, in families that have one of its own. */
  readonly imageEncoder: RunnableGraph | null
  readonly projector: RunnableGraph
  /** Null for poolings that need no weights. */
  readonly pooling: RunnableGraph | null
}

/** Open graphs of one model. */
export interface Graphs extends VisualGraphs {
  readonly visionEncoder: OnnxSession
  readonly imageEncoder: OnnxSession | null
  readonly projector: OnnxSession
  readonly pooling: OnnxSession | null
  readonly embedTokens: OnnxSession
  readonly decoder: OnnxSession
  /** Reads prompts; null where the decoder does. */
  readonly prefill: OnnxSession | null
  /** Of the device that the decoder runs on; null on the CPU. */
  readonly deviceMemory: DeviceMemory | null
}

/**
 * Opens a package's graphs; when one fails, those already open are closed again.
 * @throws AppError PACKAGE_CORRUPT; DEVICE_LOST when the device does not take them
 */
export async function openGraphs(
  modelPackage: ModelPackage,
  { halfPrecision = false, ...options }: GraphOptions,
): Promise<Graphs> {
  const { graphs } = modelPackage.manifest
  const { device = 'cpu' } = options
  const opened: { dispose(): Promise<void> }[] = []
  const open = async (file: string, overrides: SessionOptions = {}) => {
    const session = await OnnxSession.open(modelPackage.pathOf(file), { ...options, ...overrides })
    opened.push(session)
    return session
  }
  try {
    // A table look-up: more threads would only wait for each other, and a device has better use for its memory.
    const embedTokens = await open(graphs.embedTokens, { intraOpThreads: 1, device: 'cpu' })
    const widest = await open(graphs.decoder)
    const decoder = halfPrecision ? await preferHalf(widest, embedTokens, modelPackage, options) : widest
    opened.push(decoder)
    const openTower = (file: string, on: DeviceName) =>
      openProvenTower(modelPackage.manifest, on, (place) => open(file, { device: place }))
    const visionEncoder = await openTower(graphs.visionEncoder, device)
    return {
      visionEncoder,
      imageEncoder: graphs.imageEncoder === null ? null : await openTower(graphs.imageEncoder, visionEncoder.device),
      projector: await open(graphs.projector),
      pooling: graphs.pooling === null ? null : await open(graphs.pooling),
      embedTokens,
      decoder,
      // A device reads prompts fast by the decoder's own graph.
      prefill: graphs.prefill === null || device !== 'cpu' ? null : await open(graphs.prefill),
      deviceMemory: device === 'cpu' ? null : await DeviceMemory.open(device),
    }
  } catch (error) {
    await Promise.all(opened.map((one) => one.dispose()))
    throw error
  }
}

/** Frees all graphs. */
export async function closeGraphs(graphs: Graphs): Promise<void> {
  await Promise.all(Object.values(graphs).map((one: OnnxSession | DeviceMemory | null) => one?.dispose()))
}
