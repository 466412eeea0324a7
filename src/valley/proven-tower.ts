// Where clips are looked at. A GPU must see what the CPU does, which is tried on the tower itself each time that a model is
// opened: attention over 32 patches and more goes to a kernel that gives wrong values and no error where subgroups are narrow
// (on SwiftShader they have 4 lanes), and an operator may lack a kernel, which would show only with the first clip.
import type { ModelManifest } from '../model-package/manifest.ts'
import type { DeviceName } from '../onnx/devices/device.ts'
import type { OnnxSession } from '../onnx/session.ts'
import { float32Tensor, type NamedTensors } from '../onnx/tensor.ts'
import { DEVICE_TOLERANCE, isNear } from './open-decoder.ts'
import { gridFeeds } from './patch-grid.ts'

/** Tokens along a side of the frame that is tried where frames may have any shape. */
const TRIAL_TOKENS = 8

/**
 * Opens the tower on the device if it is right there, and on the CPU otherwise. Both are open for the trial; the one that is
 * not taken is closed.
 * @param device of the other graphs
 * @param open opens it
 * @returns the tower, which the caller disposes
 * @throws AppError as `open`
 */
export async function openProvenTower(
  manifest: ModelManifest,
  device: DeviceName,
  open: (device: DeviceName) => Promise<OnnxSession>,
): Promise<OnnxSession> {
  const proven = await open('cpu')
  if (device === 'cpu' || isWholeNumbered(manifest)) return proven
  const tried = await open(device)
  const isRight = await seesAlike(proven, tried, trialFeeds(manifest))
  await (isRight ? proven : tried).dispose()
  return isRight ? tried : proven
}

/** Why the tower is on the CPU while the rest of the model is not, in a few words; empty where it is not so. */
export function whyTowerIsApart(manifest: ModelManifest, tower: DeviceName, device: DeviceName): string {
  if (tower === device) return ''
  if (isWholeNumbered(manifest)) return 'only the CPU multiplies whole numbers as it does'
  return 'the GPU gave it other values than the CPU does'
}

/** Only CPUs have a kernel for these products; between them everything would go to and fro. */
function isWholeNumbered({ vision }: ModelManifest): boolean {
  return vision.products === 'w8a8'
}

async function seesAlike(proven: OnnxSession, tried: OnnxSession, feeds: NamedTensors): Promise<boolean> {
  const expected = await proven.run(feeds, ['features'])
  const seen = await tried.run(feeds, ['features']).catch(() => null)
  const [a, b] = [expected, seen].map((outputs) => outputs?.features?.data as Float32Array | undefined)
  return b !== undefined && isNear(a!, b, DEVICE_TOLERANCE)
}

/** Frames of a repeatable pattern. */
function trialFeeds({ vision, patchGrid }: ModelManifest): NamedTensors {
  const side = patchGrid === null ? vision.imagePixels : TRIAL_TOKENS * patchGrid.mergePatches * vision.patchPixels
  const values = Float32Array.from({ length: 3 * side * side }, (_, index) => ((index * 7919) % 251) / 125 - 1)
  if (patchGrid === null) return { pixel_values: float32Tensor(values, [1, 3, side, side]) }
  const frame = { values, heightPixels: side, widthPixels: side }
  return gridFeeds(new Array(patchGrid.framesTogether).fill(frame), vision.patchPixels, patchGrid)
}
