// Forty clips for five channels (twenty in the ordinary suite), six of which a scripted engine finds something in: those
// that last three seconds, in the second one.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FakeEngine } from './fake-engine.ts'
import { countFor } from './long-run.ts'
import { LOSSLESS_H264, writeColourClip } from './make-clips.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** How many clips there are, and how many channels they are posted in, one after the other. */
export const [CLIPS, CHANNELS] = [countFor(20, 40), 5]
/** Those that touch the rule; of different channels. */
export const TOUCHING: ReadonlySet<number> = new Set(
  [0, 7, 14, 21, 28, 35].map((number) => (number * CLIPS) / 40).map(Math.floor),
)

/** The clips, each with bytes of its own. */
export function fortyClips(): { readonly name: string; readonly bytes: Buffer }[] {
  const write = (seconds: number) =>
    readFileSync(writeColourClip(join(temporaryFolder(), 'clip.mp4'), seconds * 10, LOSSLESS_H264))
  const [short, long] = [write(1), write(3)]
  return Array.from({ length: CLIPS }, (_, number) => {
    // A box that players pass over (ISO 14496-12, "free").
    const own = Buffer.from([0, 0, 0, 9, 0x66, 0x72, 0x65, 0x65, number])
    return { name: `clip-${number}.mp4`, bytes: Buffer.concat([TOUCHING.has(number) ? long : short, own]) }
  })
}

/** Lets an engine find what there is. */
export function findInThem(engine: FakeEngine): void {
  engine.sureOf = (_, times) => (times.every((time) => time >= 1 && time < 2) ? 0.9 : 0.1)
}
