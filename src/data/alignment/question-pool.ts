// How a clip is asked about: one of many phrasings, so that a model does not learn to wait for one.
import type { LanguageWords } from '../phrases/language-schema.ts'
import { type ClipKind, MARKS } from '../record.ts'

const IMAGE_ENDINGS = /\.(jpe?g|png|webp)$/i

/** Draws a phrasing. @param draw a whole number from 0 on; the same draws the same */
export function askAbout(
  clip: string,
  words: Pick<LanguageWords, 'videoQuestions' | 'imageQuestions'>,
  draw: number,
): { kind: ClipKind; question: string } {
  const kind = IMAGE_ENDINGS.test(clip) ? 'image' : 'video'
  const pool = kind === 'image' ? words.imageQuestions : words.videoQuestions
  return { kind, question: `${pool[draw % pool.length]}\n${MARKS[kind]}` }
}
