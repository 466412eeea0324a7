// What a flash is measured in: relative luminance and chromaticity of sRGB colours.
// WCAG 2.2, "relative luminance" and "general flash and red flash thresholds"; CIE 1976 UCS.

/** A colour in linear light, each part in [0, 1]. */
export interface LinearColour {
  readonly red: number
  readonly green: number
  readonly blue: number
}

/** A place in the CIE 1976 UCS diagram. */
export interface Chromaticity {
  readonly u: number
  readonly v: number
}

/** Linear light of each 8-bit value of sRGB (IEC 61966-2-1). */
export const LINEAR_LIGHT: Float64Array = Float64Array.from({ length: 256 }, (_, value) => {
  const share = value / 255
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
})

/** 0 for black to 1 for white. */
export function relativeLuminance({ red, green, blue }: LinearColour): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** At or above this share of red in a colour it is a saturated red. */
const SATURATED_RED_SHARE = 0.8
/** Below this sum a colour is black to the eye, and its hue is the noise of the coder. */
const LEAST_SUM = 0.01
/** Of white and of every grey (D65); black counts as such. */
const ACHROMATIC: Chromaticity = { u: 0.1978, v: 0.4683 }

/** True for a saturated red. */
export function isSaturatedRed({ red, green, blue }: LinearColour): boolean {
  const sum = red + green + blue
  return sum >= LEAST_SUM && red / sum >= SATURATED_RED_SHARE
}

/** Where a colour lies in the UCS diagram, whatever its luminance. */
export function chromaticityOf(colour: LinearColour): Chromaticity {
  const { red, green, blue } = colour
  if (red + green + blue < LEAST_SUM) return ACHROMATIC
  // To CIE XYZ; Y is the relative luminance.
  const x = 0.4124 * red + 0.3576 * green + 0.1805 * blue
  const y = relativeLuminance(colour)
  const z = 0.0193 * red + 0.1192 * green + 0.9505 * blue
  const sum = x + 15 * y + 3 * z
  return { u: (4 * x) / sum, v: (9 * y) / sum }
}

/** How far two colours lie apart in the diagram. */
export function chromaticDistance(a: Chromaticity, b: Chromaticity): number {
  return Math.hypot(a.u - b.u, a.v - b.v)
}
