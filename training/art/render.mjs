// Draws stickers.png (one row an art style, one column a thing) and stickers.json (names, licences) from emoji art
// packages. The sheet is committed, so training needs neither Node nor these packages; run this to change the art:
//   npm install && npm run render
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Resvg } from '@resvg/resvg-js'

const require = createRequire(import.meta.url)

/** Side of one sticker in the sheet, pixels. The world draws them smaller. */
const STICKER_SIDE_PIXELS = 96

const STYLES = [
  { name: 'noto', package: '@iconify-json/noto' },
  { name: 'twemoji', package: '@iconify-json/twemoji' },
  { name: 'fluent-emoji-flat', package: '@iconify-json/fluent-emoji-flat' },
]

/** Thing (as people call it) -> icon name, the same in all three packages. */
const THINGS = {
  cat: 'cat-face',
  dog: 'dog-face',
  fox: 'fox',
  panda: 'panda',
  frog: 'frog',
  penguin: 'penguin',
  fish: 'tropical-fish',
  octopus: 'octopus',
  butterfly: 'butterfly',
  bee: 'honeybee',
  turtle: 'turtle',
  apple: 'red-apple',
  banana: 'banana',
  strawberry: 'strawberry',
  pizza: 'pizza',
  burger: 'hamburger',
  cake: 'birthday-cake',
  car: 'automobile',
  bus: 'bus',
  rocket: 'rocket',
  bicycle: 'bicycle',
  boat: 'sailboat',
  balloon: 'balloon',
  umbrella: 'umbrella',
  key: 'key',
  clock: 'alarm-clock',
  guitar: 'guitar',
  star: 'star',
  flower: 'sunflower',
  tree: 'deciduous-tree',
}

const things = Object.entries(THINGS)
const cells = []
const licences = []
for (const [row, style] of STYLES.entries()) {
  const icons = JSON.parse(readFileSync(require.resolve(`${style.package}/icons.json`), 'utf8'))
  const info = JSON.parse(readFileSync(require.resolve(`${style.package}/info.json`), 'utf8'))
  licences.push({ name: style.name, package: style.package, author: info.author.name, licence: info.license.spdx })
  for (const [column, [thing, name]] of things.entries()) {
    const icon = icons.icons[name] ?? icons.icons[icons.aliases?.[name]?.parent]
    if (!icon) throw new Error(`${style.package} has no icon ${name} for the thing ${thing}`)
    const width = icon.width ?? icons.width ?? 16
    const height = icon.height ?? icons.height ?? 16
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${icon.body}</svg>`
    const png = new Resvg(svg, { fitTo: { mode: 'width', value: STICKER_SIDE_PIXELS } }).render().asPng()
    const x = column * STICKER_SIDE_PIXELS
    const y = row * STICKER_SIDE_PIXELS
    cells.push(
      `<image x="${x}" y="${y}" width="${STICKER_SIDE_PIXELS}" height="${STICKER_SIDE_PIXELS}" href="data:image/png;base64,${png.toString('base64')}"/>`,
    )
  }
}
const sheetWidth = things.length * STICKER_SIDE_PIXELS
const sheetHeight = STYLES.length * STICKER_SIDE_PIXELS
const sheet = `<svg xmlns="http://www.w3.org/2000/svg" width="${sheetWidth}" height="${sheetHeight}">${cells.join('')}</svg>`
writeFileSync(new URL('stickers.png', import.meta.url), new Resvg(sheet).render().asPng())
writeFileSync(
  new URL('stickers.json', import.meta.url),
  `${JSON.stringify({ sidePixels: STICKER_SIDE_PIXELS, things: Object.keys(THINGS), styles: licences }, null, 2)}\n`,
)
