// The stickers of the world that the embedded model is trained on (training/art/sticker-world), as pictures, with what each
// thing is. test/helpers/sticker-clip.ts makes clips of them.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import sharp, { type OutputInfo } from 'sharp'

const ART = fileURLToPath(new URL('../../training/art/sticker-world', import.meta.url))

interface Sheets {
  readonly cellPixels: number
  readonly columns: number
  /** Name of the thing in each cell. */
  readonly things: readonly string[]
  readonly styles: readonly { readonly name: string; readonly mono: boolean; readonly colours: readonly unknown[] }[]
}

const SHEETS = JSON.parse(readFileSync(`${ART}/seen/sheets.json`, 'utf8')) as Sheets
/** Kinds of each thing: the first is what it is, the rest what moderators ask for. */
const KINDS: ReadonlyMap<string, readonly string[]> = new Map(
  readFileSync(`${ART}/things.tsv`, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((row) => row.split('\t'))
    .map(([, kinds = '', english = '']) => [english.split('/')[0]!, kinds.split(',')]),
)

/** Names of all things, in the order of the table. */
export const THINGS: readonly string[] = [...KINDS.keys()]
/** Art styles that have colours of their own. */
export const STYLES: readonly string[] = SHEETS.styles.filter(({ mono }) => !mono).map(({ name }) => name)

/** What a thing is, and what moderators ask for. */
export function kindsOf(thing: string): readonly string[] {
  return KINDS.get(thing) ?? []
}

/** True when a style draws a thing. */
export function isDrawn(thing: string, style: string): boolean {
  return cellOf(thing, style) !== -1
}

/** A sticker, a square PNG with a clear background. */
export async function drawSticker(thing: string, style: string, sidePixels: number): Promise<Buffer> {
  const cell = cellOf(thing, style)
  const { cellPixels, columns } = SHEETS
  const place = { left: (cell % columns) * cellPixels, top: Math.floor(cell / columns) * cellPixels }
  const { data, info } = await sheetOf(style)
  return sharp(data, { raw: info })
    .extract({ ...place, width: cellPixels, height: cellPixels })
    .resize(sidePixels, sidePixels)
    .png()
    .toBuffer()
}

const sheets = new Map<string, Promise<{ data: Buffer; info: OutputInfo }>>()

/** A sheet of a style, decoded once: it takes ten times as long as a sticker of it. */
function sheetOf(style: string): Promise<{ data: Buffer; info: OutputInfo }> {
  const known = sheets.get(style) ?? sharp(`${ART}/seen/${style}.webp`).raw().toBuffer({ resolveWithObject: true })
  sheets.set(style, known)
  return known
}

/** Of all (thing, what it does, setting), the share that no training clip has. */
const HELD_OUT_SHARE = 0.15

/** Whether a composition is kept from training (training/valley_training/sticker_world/splits.py has the same). */
export function isHeldOut(thing: string, motion: 'stay' | 'appear' | 'vanish', setting: string): boolean {
  const digest = createHash('sha256').update(`${thing}|${motion}|${setting}`).digest()
  return digest.readUInt32BE(0) < HELD_OUT_SHARE * 2 ** 32
}

function cellOf(thing: string, style: string): number {
  const colours = SHEETS.styles.find(({ name }) => name === style)?.colours ?? []
  return SHEETS.things.findIndex((name, cell) => name === thing && colours[cell] != null)
}
