// Draws the sticker sheets of the big world: for each art style one WebP with a cell for every picture of things.tsv,
// and sheets.json, which says what stands in which cell, in what colour, and under which licence. The output is
// committed, so training needs neither Node nor these packages; run this to change the art (in training/art):
//   npm install && npm run draw
// openmoji goes to unseen/ with a sheets.json of its own: it is for the evaluation, and training code never opens it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { colourName } from './colour.mjs'

const require = createRequire(import.meta.url)

/** Side of one cell in pixels: a sticker of 0.3 of a 224-pixel picture, and twice what a 96-pixel picture needs. */
const CELL_PIXELS = 64
/** Free pixels around a sticker, so that scaling does not bleed into the neighbour. */
const MARGIN_PIXELS = 2
const COLUMNS = 32
/** Side at which art is rasterised before it is trimmed to what it shows and scaled to its cell. */
const RASTER_PIXELS = 160
const WEBP = { quality: 82, alphaQuality: 90, effort: 6, smartSubsample: true }

/** `mono` art has a shape and no colour; the world paints it. `pictures` are files by code point instead of SVG by name. */
const STYLES = [
  { name: 'noto', package: '@iconify-json/noto' },
  { name: 'noto-v1', package: '@iconify-json/noto-v1' },
  { name: 'twemoji', package: '@iconify-json/twemoji' },
  { name: 'fluent-emoji', package: '@iconify-json/fluent-emoji' },
  { name: 'fluent-emoji-flat', package: '@iconify-json/fluent-emoji-flat' },
  { name: 'fluent-emoji-3d', package: '@lobehub/fluent-emoji-3d', pictures: 'assets', author: 'Microsoft Corporation' },
  { name: 'fluent-emoji-high-contrast', package: '@iconify-json/fluent-emoji-high-contrast', mono: true },
  { name: 'emojione', package: '@iconify-json/emojione' },
  { name: 'emojione-v1', package: '@iconify-json/emojione-v1' },
  { name: 'emojione-monotone', package: '@iconify-json/emojione-monotone', mono: true },
]
const UNSEEN_STYLES = [{ name: 'openmoji', package: '@iconify-json/openmoji' }]

/** Sets that say which character each of their names stands for; the others use the same names. */
const NAMING_PACKAGES = ['noto', 'twemoji', 'fluent-emoji-flat', 'fluent-emoji-high-contrast', 'openmoji']

/** Code points of an emoji in hexadecimal, without the variation selector: sets differ in whether they write it. */
const codePoints = (emoji) =>
  [...emoji]
    .map((character) => character.codePointAt(0).toString(16))
    .filter((hex) => hex !== 'fe0f')
    .join('-')
const withoutSelector = (hex) =>
  hex
    .split('-')
    .map((part) => part.replace(/^0+/, ''))
    .filter((part) => part !== 'fe0f')
    .join('-')

const namings = NAMING_PACKAGES.map((name) => {
  const characters = Object.entries(require(`@iconify-json/${name}/chars.json`))
  return {
    package: `@iconify-json/${name}`,
    names: new Map(characters.map(([hex, icon]) => [withoutSelector(hex), icon])),
  }
})

/** SVG text of an emoji in an iconify set, or null where the set lacks it. */
function iconifySvg(style, icons, emoji) {
  const own = namings.filter((naming) => naming.package === style.package)
  for (const naming of [...own, ...namings]) {
    const name = naming.names.get(codePoints(emoji))
    const icon = icons.icons[name] ?? icons.icons[icons.aliases?.[name]?.parent]
    if (icon) {
      const width = icon.width ?? icons.width ?? 16
      const height = icon.height ?? icons.height ?? 16
      const box = `${icon.left ?? icons.left ?? 0} ${icon.top ?? icons.top ?? 0} ${width} ${height}`
      const namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
      const raster = `width="${RASTER_PIXELS}" height="${(RASTER_PIXELS * height) / width}"`
      return `<svg ${namespaces} viewBox="${box}" ${raster}>${icon.body}</svg>`
    }
  }
  return null
}

/** PNG or WebP bytes of an emoji in a set of picture files, or null. */
function pictureBytes(style, emoji) {
  const full = [...emoji].map((character) => character.codePointAt(0).toString(16)).join('-')
  for (const name of new Set([full, codePoints(emoji), `${codePoints(emoji)}-fe0f`])) {
    try {
      return readFileSync(require.resolve(`${style.package}/${style.pictures}/${name}.webp`))
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  return null
}

/** The art of an emoji, trimmed to what it shows and scaled to fill its cell; null where the style lacks it. */
async function drawCell(style, icons, emoji) {
  let bytes = null
  if (style.pictures) bytes = pictureBytes(style, emoji)
  else {
    const svg = iconifySvg(style, icons, emoji)
    if (svg) bytes = Buffer.from(svg)
  }
  if (!bytes) return null
  const side = CELL_PIXELS - 2 * MARGIN_PIXELS
  const clear = { r: 0, g: 0, b: 0, alpha: 0 }
  const trimmed = await sharp(bytes).ensureAlpha().trim({ background: clear, threshold: 8 }).toBuffer()
  return sharp(trimmed)
    .resize(side, side, { fit: 'contain', background: clear })
    .extend({ top: MARGIN_PIXELS, bottom: MARGIN_PIXELS, left: MARGIN_PIXELS, right: MARGIN_PIXELS, background: clear })
    .png()
    .toBuffer()
}

/** Writes one style's sheet and returns what sheets.json says of it. */
async function drawStyle(style, cells, folder) {
  const icons = style.pictures ? null : require(`${style.package}/icons.json`)
  const composites = []
  const colours = []
  for (const [index, cell] of cells.entries()) {
    const picture = await drawCell(style, icons, cell.emoji)
    if (!picture) {
      colours.push(null)
      continue
    }
    colours.push(style.mono ? '' : colourName(await sharp(picture).raw().toBuffer()))
    composites.push({
      input: picture,
      left: (index % COLUMNS) * CELL_PIXELS,
      top: Math.floor(index / COLUMNS) * CELL_PIXELS,
    })
  }
  const height = Math.ceil(cells.length / COLUMNS) * CELL_PIXELS
  const canvas = { width: COLUMNS * CELL_PIXELS, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } }
  const sheet = await sharp({ create: canvas }).composite(composites).png().toBuffer()
  await sharp(sheet)
    .webp(WEBP)
    .toFile(fileURLToPath(new URL(`${style.name}.webp`, folder)))
  const about = require(`${style.package}/package.json`)
  const info = style.pictures ? null : require(`${style.package}/info.json`)
  console.log(`${style.name}: ${composites.length} of ${cells.length} cells`)
  return {
    name: style.name,
    mono: style.mono ?? false,
    package: style.package,
    version: about.version,
    author: style.author ?? info.author.name,
    licence: info?.license.spdx ?? about.license,
    source: info?.author.url ?? 'https://github.com/microsoft/fluentui-emoji',
    colours,
  }
}

/** One line an array of colours, so that a change of art shows as a readable difference. */
const asJson = (value) =>
  `${JSON.stringify(value, null, 1).replace(/\[\n\s+("|null)[^\]]*\]/g, (array) => array.replace(/\n\s+/g, ' '))}\n`

const [, ...rows] = readFileSync(new URL('things.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
const cells = rows.flatMap((row) => {
  const [art, , english] = row.split('\t')
  return art.split(' ').map((emoji) => ({ thing: english.split('/')[0], emoji }))
})
for (const [path, styles] of [
  ['./seen/', STYLES],
  ['./unseen/', UNSEEN_STYLES],
]) {
  const folder = new URL(path, import.meta.url)
  mkdirSync(folder, { recursive: true })
  const described = []
  for (const style of styles) described.push(await drawStyle(style, cells, folder))
  const things = cells.map((cell) => cell.thing)
  writeFileSync(
    new URL('sheets.json', folder),
    asJson({ cellPixels: CELL_PIXELS, columns: COLUMNS, things, styles: described }),
  )
}
