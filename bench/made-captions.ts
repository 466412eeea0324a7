// Captions that are made: words drawn from a vocabulary as natural language has it, the n-th word about 1/n as often as the
// first, so that phrases are as many and as unevenly spread as in real ones.
import { drawnFrom } from '../src/data/phrases/text-hash.ts'

const WORDS = 60_000
const GLUE = ['of a', 'in the', 'with', 'walks on', 'and', 'near the', 'at']

/** Some twelve words, of which function words join one or two others at a time. */
export function captionOf(row: number): string {
  const draw = (place: number) => drawnFrom(1, row, place)
  const word = (place: number) => `w${Math.floor(WORDS ** draw(place))}`
  const parts = Array.from({ length: 3 + Math.floor(draw(0) * 3) }, (_, part) => {
    const glue = GLUE[Math.floor(draw(part * 3 + 1) * GLUE.length)]
    const second = draw(part * 3 + 2) < 0.5 ? '' : ` ${word(100 + part)}`
    return `${glue} ${word(part * 3 + 3)}${second}`
  })
  return `a ${word(99)} ${parts.join(' ')}`
}
