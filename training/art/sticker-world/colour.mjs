// The one colour that people would call a picture by, or none.

/** Share of a sticker's surface that one colour must have, for the sticker to be called by it. */
const SHARE_OF_ONE_COLOUR = 0.62
/** Below these, a pixel is black, grey or white rather than coloured. */
const LEAST_SATURATION = 0.2
const OPAQUE = 128

/** Upper ends of hues in degrees, each with its name. */
const HUES = [
  [14, 'red'],
  [43, 'orange'],
  [66, 'yellow'],
  [165, 'green'],
  [252, 'blue'],
  [295, 'purple'],
  [342, 'pink'],
  [360, 'red'],
]

/** Name of one RGB colour, 0..255 each. */
export function nameOfPixel(red, green, blue) {
  const high = Math.max(red, green, blue)
  const low = Math.min(red, green, blue)
  const light = high / 255
  const saturation = high === 0 ? 0 : (high - low) / high
  if (light < 0.22) return 'black'
  if (saturation < LEAST_SATURATION) return light > 0.83 ? 'white' : light < 0.33 ? 'black' : 'grey'
  const spread = high - low
  let hue = 0
  if (high === red) hue = ((green - blue) / spread) * 60
  else if (high === green) hue = ((blue - red) / spread) * 60 + 120
  else hue = ((red - green) / spread) * 60 + 240
  if (hue < 0) hue += 360
  const name = HUES.find(([end]) => hue <= end)[1]
  // Brown is a dark orange or a dark, weak red; pink is also a pale red.
  if ((name === 'orange' && light < 0.78) || (name === 'red' && light < 0.62 && saturation < 0.72)) return 'brown'
  if (name === 'red' && light > 0.85 && saturation < 0.5) return 'pink'
  return name
}

/** Name of the colour that covers most of a picture (RGBA bytes), or '' where no colour does. */
export function colourName(pixels) {
  const counts = new Map()
  let total = 0
  for (let index = 0; index < pixels.length; index += 4) {
    if (pixels[index + 3] < OPAQUE) continue
    total += 1
    const name = nameOfPixel(pixels[index], pixels[index + 1], pixels[index + 2])
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const [name, count] = [...counts].sort((one, other) => other[1] - one[1])[0]
  return count / total >= SHARE_OF_ONE_COLOUR ? name : ''
}
