// What packages are measured on: always the same pictures and the same conversations, so that two packages of one checkpoint
// can be compared, and one package with itself years later. Nothing is downloaded and nothing judges but arithmetic.
import type { RgbPicture } from '../../valley/resize.ts'

/** One question with the words whose probability is measured. */
export interface ProbeCase {
  readonly withClip: boolean
  readonly question: string
  readonly answer: string
}

/** Wide rather than square, so that every resize and crop acts. */
const FRAME = { widthPixels: 320, heightPixels: 240 }
const FRAME_COUNT = 2

/** The conversations. Changing one changes every stored reference, so none is ever changed. */
export const PROBE_CASES: readonly ProbeCase[] = [
  {
    withClip: true,
    question: 'What moves in the clip?',
    answer: 'A bright disc moves from the left to the right, over a sky that turns from blue to white.',
  },
  {
    withClip: true,
    question: 'Describe the colours.',
    answer: 'The upper half is blue, the lower half is green with darker stripes, and the disc is orange.',
  },
  {
    withClip: false,
    question: 'Why is the sky blue?',
    answer: 'Because air scatters light of short waves more than light of long ones, and blue is short.',
  },
  {
    withClip: false,
    question: 'Name three animals that can fly.',
    answer: 'A sparrow, a bat and a dragonfly can fly.',
  },
  {
    withClip: false,
    question: 'How do I boil an egg?',
    answer: 'Put the egg into boiling water, wait seven minutes, then cool it under cold water before you peel it.',
  },
  {
    withClip: false,
    question: 'What is 12 times 12?',
    answer: '12 times 12 is 144.',
  },
  {
    withClip: false,
    question: '¿Qué día viene después del lunes?',
    answer: 'Después del lunes viene el martes.',
  },
  {
    withClip: false,
    question: 'Write a line of Python that adds two numbers.',
    answer: 'total = first + second',
  },
]

/** The frames of the one clip: a disc over stripes, one second apart. */
export function probeFrames(): (RgbPicture & { readonly timeSeconds: number })[] {
  return Array.from({ length: FRAME_COUNT }, (_, index) => drawFrame(index))
}

function drawFrame(index: number): RgbPicture & { readonly timeSeconds: number } {
  const { widthPixels, heightPixels } = FRAME
  const rgb = new Uint8Array(widthPixels * heightPixels * 3)
  const centre = { x: 80 + 120 * index, y: 110 }
  for (let y = 0; y < heightPixels; y++) {
    for (let x = 0; x < widthPixels; x++) {
      const isDisc = (x - centre.x) ** 2 + (y - centre.y) ** 2 < 45 ** 2
      const stripe = (x >> 4) % 2 === 0 ? 40 : 0
      const ground = [60 + stripe, 140 - stripe, 70]
      const sky = [120 + (x >> 2), 160 + (y >> 2), 235]
      rgb.set(isDisc ? [240, 150, 40 + (y >> 1)] : y < 150 ? sky : ground, (y * widthPixels + x) * 3)
    }
  }
  return { ...FRAME, rgb, timeSeconds: index }
}
