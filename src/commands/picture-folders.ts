// Folders of pictures as clips: MVBench's episodes come as the frames of their films, `frames_fps3_hq/CLIP/00001.jpg`.
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClipOpener } from '../answering/look-at-clip.ts'
import { PICTURE_ENDING } from '../evaluation/benchmark/clip-finder.ts'
import type { Frame } from '../video/frame.ts'
import type { ChosenPicture, OpenClip } from '../video/open-clip.ts'
import { samplePictures } from '../video/sample-frames.ts'

/** Where the path does not say how many pictures a second has. */
const USUAL_RATE = 1
const IN_ORDER = new Intl.Collator('en', { numeric: true })

/** An opener that takes a folder for a clip whose pictures follow each other in the order of their names. */
export function withPictureFolders(openClip: ClipOpener): ClipOpener {
  return async (path, signal, clipLimits) => {
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    )
    if (!isFolder) return openClip(path, signal, clipLimits)
    const names = (await readdir(path)).filter((name) => PICTURE_ENDING.test(name)).toSorted(IN_ORDER.compare)
    const files = names.map((name) => join(path, name))
    const rate = Number(/fps(\d+)/.exec(path)?.[1] ?? USUAL_RATE)
    const openPicture = (file: string) => openClip(file, signal, clipLimits)
    await using first = await openPicture(files[0] ?? path)
    return pictureFolder(first, files, rate, await hashOf(files), openPicture)
  }
}

function pictureFolder(
  first: OpenClip,
  files: readonly string[],
  rate: number,
  contentHash: string,
  openPicture: (file: string) => Promise<OpenClip>,
): OpenClip {
  const timesSeconds = files.map((_, index) => index / rate)
  const durationSeconds = files.length / rate
  const keyPlaces = files.map((_, index) => index)
  const timeline = { ...first.info.timeline, selectors: keyPlaces, timesSeconds, keyPlaces, durationSeconds }
  async function* eachFrame(
    pictures: readonly ChosenPicture[],
    framesOf: (opened: OpenClip) => AsyncIterable<Frame>,
  ): AsyncGenerator<Frame> {
    for (const { index, timeSeconds } of pictures) {
      await using opened = await openPicture(files[index]!)
      for await (const frame of framesOf(opened)) yield { ...frame, timeSeconds }
    }
  }
  return {
    kind: 'video',
    info: { ...first.info, kind: 'video', durationSeconds, timeline },
    contentHash,
    sample: (recipe) =>
      samplePictures(recipe, timesSeconds, keyPlaces).map((index) => ({ index, timeSeconds: timesSeconds[index]! })),
    decode: (pictures, options) =>
      eachFrame(pictures, (opened) => opened.decode(opened.sample({ mode: 'uniform', count: 1 }), options)),
    decodeTiny: (size, options) => {
      const last = options?.lastSeconds ?? Number.POSITIVE_INFINITY
      const all = timesSeconds.map((timeSeconds, index) => ({ index, timeSeconds }))
      return eachFrame(
        all.filter(({ timeSeconds }) => timeSeconds <= last),
        (opened) => opened.decodeTiny(size, options),
      )
    },
    // Each picture is closed as soon as it was decoded.
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(await readFile(file))
  return hash.digest('hex')
}
