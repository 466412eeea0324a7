// Times and short words as pixels. Drawn from bitmaps, since a server may have no fonts.
import { LETTER_GLYPHS } from './letter-glyphs.ts'

/** Glyphs of 5 x 7 pixels, a row a string, `#` for ink. */
const GLYPHS: Readonly<Record<string, readonly string[]>> = {
  '0': [' ### ', '#   #', '#   #', '#   #', '#   #', '#   #', ' ### '],
  '1': ['  #  ', ' ##  ', '  #  ', '  #  ', '  #  ', '  #  ', ' ### '],
  '2': [' ### ', '#   #', '    #', '   # ', '  #  ', ' #   ', '#####'],
  '3': [' ### ', '#   #', '    #', '  ## ', '    #', '#   #', ' ### '],
  '4': ['   # ', '  ## ', ' # # ', '#  # ', '#####', '   # ', '   # '],
  '5': ['#####', '#    ', '#### ', '    #', '    #', '#   #', ' ### '],
  '6': [' ### ', '#    ', '#    ', '#### ', '#   #', '#   #', ' ### '],
  '7': ['#####', '    #', '   # ', '   # ', '  #  ', '  #  ', '  #  '],
  '8': [' ### ', '#   #', '#   #', ' ### ', '#   #', '#   #', ' ### '],
  '9': [' ### ', '#   #', '#   #', ' ####', '    #', '    #', ' ### '],
  ':': ['     ', '  #  ', '  #  ', '     ', '  #  ', '  #  ', '     '],
  ...LETTER_GLYPHS,
}
const GLYPH_WIDTH = 5
const GLYPH_HEIGHT = 7
/** Pixels of the picture for one pixel of a glyph. */
const SCALE = 2
/** Between glyphs and around them, pixels of a glyph. */
const GAP = 1

/** A label: white on black. */
export interface Label {
  readonly widthPixels: number
  readonly heightPixels: number
  /** uint8 RGB, HWC row-major, 0..255. */
  readonly rgb: Uint8Array
}

/**
 * Draws a time or a short word.
 * @param text of digits, colons, dots, hyphens and letters from a to z, e.g. `1:07`; other characters leave a gap
 */
export function drawLabel(text: string): Label {
  const columns = text.length * (GLYPH_WIDTH + GAP) + GAP
  const rows = GLYPH_HEIGHT + 2 * GAP
  const widthPixels = columns * SCALE
  const heightPixels = rows * SCALE
  const rgb = new Uint8Array(widthPixels * heightPixels * 3)
  for (const [index, character] of [...text.toUpperCase()].entries()) {
    for (const [row, line] of (GLYPHS[character] ?? []).entries()) {
      for (let column = 0; column < GLYPH_WIDTH; column++) {
        if (line[column] === '#') ink(GAP + index * (GLYPH_WIDTH + GAP) + column, GAP + row)
      }
    }
  }
  return { widthPixels, heightPixels, rgb }

  function ink(column: number, row: number): void {
    for (let y = row * SCALE; y < (row + 1) * SCALE; y++) {
      const start = (y * widthPixels + column * SCALE) * 3
      rgb.fill(255, start, start + SCALE * 3)
    }
  }
}
