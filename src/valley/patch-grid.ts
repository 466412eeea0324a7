// Frames of any shape as a tower of Qwen2-VL's kind takes them: patches in the order of the tokens that they become, where
// each lies in the frame, and in which window. As source: the processors of Qwen2-VL in transformers, and its vision_utils.
import type { PatchGrid } from '../model-package/manifest.ts'
import { float32Tensor, int32Tensor, int64Tensor, type NamedTensors } from '../onnx/tensor.ts'
import type { AreaFrame } from './area-frame.ts'

/** A grid of patches. */
export interface GridSize {
  /** Patches from top to bottom, a multiple of mergePatches. */
  readonly rows: number
  /** Patches from left to right, likewise. */
  readonly columns: number
}

/** Where a patch lies in its grid. */
interface PatchPlace {
  readonly row: number
  readonly column: number
}

/**
 * Everything that the tower is given of frames that are looked at together, by the names of its inputs.
 * @param frames framesTogether of them, of one size
 */
export function gridFeeds(frames: readonly AreaFrame[], patchPixels: number, grid: PatchGrid): NamedTensors {
  const { heightPixels, widthPixels } = frames[0]!
  const size = { rows: heightPixels / patchPixels, columns: widthPixels / patchPixels }
  const places = patchPlaces(size, grid.mergePatches)
  const patches = cutPatches(frames, patchPixels, places)
  const shape = [places.length, patches.length / places.length]
  return { patches: float32Tensor(patches, shape), ...placeTensors(places, size, grid) }
}

/**
 * Cuts frames into patches.
 * @param frames framesTogether of them, of one size
 * @param places of the patches, in the order that they come in
 * @returns [N, K]: N patches of K = 3 * framesTogether * patchPixels^2 values, channel by channel and then frame by frame
 */
function cutPatches(frames: readonly AreaFrame[], patchPixels: number, places: readonly PatchPlace[]): Float32Array {
  const { heightPixels, widthPixels } = frames[0]!
  const patches = new Float32Array(frames.length * 3 * heightPixels * widthPixels)
  let target = 0
  for (const { row, column } of places) {
    for (let channel = 0; channel < 3; channel++) {
      for (const { values } of frames) {
        for (let y = 0; y < patchPixels; y++) {
          const line = (channel * heightPixels + row * patchPixels + y) * widthPixels + column * patchPixels
          patches.set(values.subarray(line, line + patchPixels), target)
          target += patchPixels
        }
      }
    }
  }
  return patches
}

/**
 * What the tower is told of a grid beside its patches, by the names of its inputs: patch_places [N, 2], row and column of
 * each; and where the tower has windows, window_slots [W, U], the patches of each, filled up with the first patch where it
 * is cut by an edge; window_mask [W, U], 1 where a slot is not filled up; slot_of_patch [N].
 */
export function gridTensors(size: GridSize, grid: PatchGrid): NamedTensors {
  return placeTensors(patchPlaces(size, grid.mergePatches), size, grid)
}

function placeTensors(
  places: readonly PatchPlace[],
  size: GridSize,
  { windowPatches }: Pick<PatchGrid, 'windowPatches'>,
): NamedTensors {
  const rowsAndColumns = Float32Array.from(places.flatMap(({ row, column }) => [row, column]))
  const patchPlacesTensor = float32Tensor(rowsAndColumns, [places.length, 2])
  if (windowPatches === null) return { patch_places: patchPlacesTensor }
  const windowsAcross = Math.ceil(size.columns / windowPatches)
  const windows = windowsAcross * Math.ceil(size.rows / windowPatches)
  const slotsEach = windowPatches ** 2
  const used = new Array<number>(windows).fill(0)
  const slots = new Array<number>(windows * slotsEach).fill(0)
  const mask = new Int32Array(windows * slotsEach)
  const slotOfPatch = places.map(({ row, column }, patch) => {
    const window = Math.floor(row / windowPatches) * windowsAcross + Math.floor(column / windowPatches)
    const slot = window * slotsEach + used[window]!++
    slots[slot] = patch
    mask[slot] = 1
    return slot
  })
  return {
    patch_places: patchPlacesTensor,
    window_slots: int64Tensor(slots, [windows, slotsEach]),
    window_mask: int32Tensor(mask, [windows, slotsEach]),
    slot_of_patch: int64Tensor(slotOfPatch, [places.length]),
  }
}

/** Row and column of each patch, the square of a token before the next square. */
function patchPlaces({ rows, columns }: GridSize, merge: number): PatchPlace[] {
  const places: PatchPlace[] = []
  for (let top = 0; top < rows; top += merge) {
    for (let left = 0; left < columns; left += merge) {
      for (let inner = 0; inner < merge ** 2; inner++) {
        places.push({ row: top + Math.floor(inner / merge), column: left + (inner % merge) })
      }
    }
  }
  return places
}
