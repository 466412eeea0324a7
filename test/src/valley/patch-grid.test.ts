import { describe, expect, it } from 'vitest'
import { gridTensors } from '../../../src/valley/patch-grid.ts'

const grid = { framesTogether: 2, mergePatches: 2, windowPatches: 4, placesPerSecond: 2 }

describe('a grid of patches', () => {
  it('has its patches in the order and at the places that transformers gives them', () => {
    // get_vision_position_ids of transformers 5.23 for 4 x 4 patches, 2 x 2 a token.
    const expected = [
      [0, 0, 0, 1, 1, 0, 1, 1],
      [0, 2, 0, 3, 1, 2, 1, 3],
      [2, 0, 2, 1, 3, 0, 3, 1],
      [2, 2, 2, 3, 3, 2, 3, 3],
    ]
    expect([...gridTensors({ rows: 4, columns: 4 }, grid).patch_places!.data]).toEqual(expected.flat())
  })

  it('has no windows where the tower has none', () => {
    const inputs = gridTensors({ rows: 4, columns: 4 }, { ...grid, windowPatches: null })
    expect(Object.keys(inputs)).toEqual(['patch_places'])
  })

  it('is cut into the windows of transformers, also where an edge cuts one', () => {
    const { window_slots, window_mask, slot_of_patch } = gridTensors({ rows: 6, columns: 10 }, grid)
    // get_vision_window_index of transformers 5.23 for the same grid: tokens by window, each of four patches.
    const windows = [[0, 1, 5, 6], [2, 3, 7, 8], [4, 9], [10, 11], [12, 13], [14]]
    const slots = [...(window_slots!.data as BigInt64Array)].map(Number)
    const mask = [...window_mask!.data].map(Number)
    for (const [window, tokens] of windows.entries()) {
      const held = slots.slice(window * 16, (window + 1) * 16).filter((_, slot) => mask[window * 16 + slot] === 1)
      expect(held.map((patch) => Math.floor(patch / 4))).toEqual(
        tokens.flatMap((token) => [token, token, token, token]),
      )
    }
    expect(window_slots!.dims).toEqual([windows.length, 16])
    const back = [...(slot_of_patch!.data as BigInt64Array)].map((slot) => slots[Number(slot)])
    expect(back).toEqual(Array.from({ length: 60 }, (_, patch) => patch))
  })
})
