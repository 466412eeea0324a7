// Resizes a frame exactly as Pillow's Image.resize does for 8-bit RGB, since that is what the model saw in training: a
// filter whose support grows with the shrink factor, weights in 22-bit fixed point, a horizontal and then a vertical
// pass, each rounded to 8 bits. Only the wanted region of the result is computed.
//
// Follows the arithmetic of python-pillow/Pillow src/libImaging/Resample.c (precompute_coeffs, normalize_coeffs_8bpc).

/** A picture as the resize sees it: uint8 RGB, HWC row-major, 0..255, no padding. */
export interface RgbPicture {
  readonly widthPixels: number
  readonly heightPixels: number
  readonly rgb: Uint8Array
}

/** A picture on a larger ground of one colour, which is nowhere in memory: around a long picture it would be most of it. */
export interface PictureOnGround {
  /** Size of the ground. */
  readonly widthPixels: number
  readonly heightPixels: number
  /** Lies wholly within the ground. */
  readonly picture: RgbPicture
  /** Where on the ground its first pixel lies. */
  readonly left: number
  readonly top: number
  /** Red, green, blue, 0..255. */
  readonly colour: readonly [number, number, number]
}

/** Filters by Pillow's names, and the one that looks at a single pixel. */
export type ResizeFilter = keyof typeof KERNELS | 'nearest'

/** A part of the resized picture, in its pixels. */
export interface Region {
  readonly left: number
  readonly top: number
  readonly widthPixels: number
  readonly heightPixels: number
}

/** Weight of a source pixel at a distance from the centre, and the distance from which on it is 0. */
interface Kernel {
  readonly support: number
  weight(distance: number): number
}

const KERNELS = {
  bilinear: { support: 1, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  bicubic: { support: 2, weight: cubicWeight },
  lanczos: { support: 3, weight: (distance) => (Math.abs(distance) < 3 ? sinc(distance) * sinc(distance / 3) : 0) },
} as const satisfies Readonly<Record<string, Kernel>>

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI)
}

/** Slope of the cubic convolution at distance 1; Pillow's choice. */
const CUBIC_SLOPE = -0.5

function cubicWeight(distance: number): number {
  const x = Math.abs(distance)
  if (x < 1) return ((CUBIC_SLOPE + 2) * x - (CUBIC_SLOPE + 3)) * x * x + 1
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * CUBIC_SLOPE
  return 0
}

/** Bits after the point of a weight: 32 less 8 for the pixel less 2 for the overshoot of the cubic filter. */
const PRECISION_BITS = 32 - 8 - 2
const HALF = 1 << (PRECISION_BITS - 1)

/** For each pixel of an output axis: the first pixel of the picture that it draws on, and its fixed-point weights. */
interface AxisWeights {
  readonly starts: Int32Array
  readonly counts: Int32Array
  /** `taps` places a pixel, of which `counts` are used. */
  readonly weights: Int32Array
  readonly taps: number
  /** What the pixels of the ground weigh together; 0 without one. */
  readonly ofGround: Int32Array
}

/** An axis of the ground and where on it the picture lies. */
interface SourceAxis {
  readonly size: number
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

/**
 * Resizes a picture, with its ground where it has one, to a size and returns one region of the result.
 * @param size of the whole result, pixels
 * @param region lies within size; default all of it
 * @returns a newly allocated picture of the region's size
 */
export function resizeRgb(
  source: RgbPicture | PictureOnGround,
  size: { readonly widthPixels: number; readonly heightPixels: number },
  filter: ResizeFilter,
  region: Region = { left: 0, top: 0, ...size },
): RgbPicture {
  const placed = 'picture' in source ? source : { ...source, picture: source, left: 0, top: 0, colour: NO_COLOUR }
  if (filter === 'nearest') return nearestPixels(placed, size, region)
  const kernel = KERNELS[filter]
  const { picture, left, top, colour } = placed
  const across = { size: placed.widthPixels, from: left, to: left + picture.widthPixels }
  const down = { size: placed.heightPixels, from: top, to: top + picture.heightPixels }
  const columns = axisWeights(across, size.widthPixels, kernel, region.left, region.widthPixels)
  const rows = axisWeights(down, size.heightPixels, kernel, region.top, region.heightPixels)
  const last = region.heightPixels - 1
  const firstRow = rows.starts[0]! // rows of the picture that the vertical pass will read: [firstRow, endRow)
  const endRow = rows.starts[last]! + rows.counts[last]!
  const narrowed = horizontalPass(picture, colour, columns, firstRow, endRow) // [endRow - firstRow, width, 3]
  const rgb = verticalPass(narrowed, colour, region.widthPixels, rows, firstRow) // [height, width, 3]
  return { widthPixels: region.widthPixels, heightPixels: region.heightPixels, rgb }
}

/** Of a picture without a ground, where it weighs nothing. */
const NO_COLOUR = [0, 0, 0] as const

/** As torch's interpolate does by default: the pixel in which the upper left corner of the new one lies. */
function nearestPixels(
  { widthPixels, heightPixels, picture, left, top, colour }: PictureOnGround,
  size: { readonly widthPixels: number; readonly heightPixels: number },
  region: Region,
): RgbPicture {
  const columns = nearestPlaces(widthPixels, size.widthPixels, region.left, region.widthPixels)
  const rows = nearestPlaces(heightPixels, size.heightPixels, region.top, region.heightPixels)
  const result = new Uint8Array(rows.length * columns.length * 3)
  const isWithin = (place: number, length: number): boolean => place >= 0 && place < length
  let target = 0
  for (const row of rows) {
    const inRow = isWithin(row - top, picture.heightPixels)
    for (const column of columns) {
      const isPicture = inRow && isWithin(column - left, picture.widthPixels)
      const from = isPicture ? ((row - top) * picture.widthPixels + column - left) * 3 : 0
      const pixels = isPicture ? picture.rgb : colour
      result[target++] = pixels[from]!
      result[target++] = pixels[from + 1]!
      result[target++] = pixels[from + 2]!
    }
  }
  return { widthPixels: columns.length, heightPixels: rows.length, rgb: result }
}

function nearestPlaces(inSize: number, outSize: number, first: number, count: number): number[] {
  // As source: in float32, whose rounding can reach the next pixel.
  const scale = Math.fround(inSize / outSize)
  return Array.from({ length: count }, (_, index) =>
    Math.min(Math.floor(Math.fround((first + index) * scale)), inSize - 1),
  )
}

function axisWeights(source: SourceAxis, outSize: number, kernel: Kernel, first: number, count: number): AxisWeights {
  const scale = source.size / outSize
  const filterScale = Math.max(scale, 1)
  const support = kernel.support * filterScale
  const taps = Math.ceil(support) * 2 + 1
  const starts = new Int32Array(count)
  const counts = new Int32Array(count)
  const weights = new Int32Array(count * taps)
  const ofGround = new Int32Array(count)
  const exact = new Float64Array(taps)
  for (let index = 0; index < count; index++) {
    const centre = (first + index + 0.5) * scale
    const start = Math.max(0, Math.trunc(centre - support + 0.5))
    const end = Math.min(source.size, Math.trunc(centre + support + 0.5))
    let sum = 0
    for (let tap = 0; tap < end - start; tap++) {
      // A product, not a quotient: the two differ in the last bit.
      const weight = kernel.weight((tap + start - centre + 0.5) * (1 / filterScale))
      exact[tap] = weight
      sum += weight
    }
    let inPicture = 0
    for (let tap = 0; tap < end - start; tap++) {
      const share = sum === 0 ? exact[tap]! : exact[tap]! / sum
      const weight = Math.trunc(share * (1 << PRECISION_BITS) + (share < 0 ? -0.5 : 0.5))
      if (start + tap < source.from || start + tap >= source.to) ofGround[index]! += weight
      else weights[index * taps + inPicture++] = weight
    }
    starts[index] = Math.min(Math.max(start, source.from), source.to) - source.from
    counts[index] = inPicture
  }
  return { starts, counts, weights, taps, ofGround }
}

function horizontalPass(
  { rgb, widthPixels }: RgbPicture,
  colour: PictureOnGround['colour'],
  columns: AxisWeights,
  firstRow: number,
  endRow: number,
): Uint8Array {
  const { starts, counts, weights, taps, ofGround } = columns
  const result = new Uint8Array((endRow - firstRow) * starts.length * 3)
  let target = 0
  for (let row = firstRow; row < endRow; row++) {
    for (let column = 0; column < starts.length; column++) {
      const ground = ofGround[column]!
      let red = HALF + colour[0] * ground
      let green = HALF + colour[1] * ground
      let blue = HALF + colour[2] * ground
      let source = (row * widthPixels + starts[column]!) * 3
      const end = column * taps + counts[column]!
      for (let tap = column * taps; tap < end; tap++) {
        const weight = weights[tap]!
        red += rgb[source]! * weight
        green += rgb[source + 1]! * weight
        blue += rgb[source + 2]! * weight
        source += 3
      }
      result[target] = toByte(red)
      result[target + 1] = toByte(green)
      result[target + 2] = toByte(blue)
      target += 3
    }
  }
  return result
}

/**
 * @param rgb [rows of the picture from firstRow on, widthPixels, 3]; a row of nothing but ground keeps its colour in the first
 *   pass, since weights that add up to 1 within 2^-9 round back to it
 */
function verticalPass(
  rgb: Uint8Array,
  colour: PictureOnGround['colour'],
  widthPixels: number,
  rows: AxisWeights,
  firstRow: number,
): Uint8Array {
  const stride = widthPixels * 3
  const result = new Uint8Array(rows.starts.length * stride)
  const sums = new Int32Array(stride)
  for (let row = 0; row < rows.starts.length; row++) {
    for (let at = 0; at < stride; at++) sums[at] = HALF + colour[at % 3]! * rows.ofGround[row]!
    for (let tap = 0; tap < rows.counts[row]!; tap++) {
      const weight = rows.weights[row * rows.taps + tap]!
      const source = (rows.starts[row]! + tap - firstRow) * stride
      for (let at = 0; at < stride; at++) sums[at]! += rgb[source + at]! * weight
    }
    for (let at = 0; at < stride; at++) result[row * stride + at] = toByte(sums[at]!)
  }
  return result
}

function toByte(sum: number): number {
  return Math.min(255, Math.max(0, sum >> PRECISION_BITS))
}
