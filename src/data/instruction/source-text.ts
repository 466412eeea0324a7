// What is known of a clip, as the language model gets to read it.
import type { ClipRow } from '../tables/clip-row.ts'

/** Boxes of a long clip would fill the context; the first tell enough. */
const MAX_OBJECTS_CHARACTERS = 4_000

/** Title, caption, sentences with their times, and objects with their boxes. */
export function sourceText({ title, caption, sentences, objects, durationSeconds }: ClipRow): string {
  const lines = [
    ...(title === null ? [] : [`Title: ${title}`]),
    ...(durationSeconds === null ? [] : [`Length: ${durationSeconds} s`]),
    `Caption: ${caption}`,
    ...sentences.map(({ startSeconds, endSeconds, text }) => `${startSeconds} s to ${endSeconds} s: ${text}`),
    ...(objects === null ? [] : [`Objects: ${JSON.stringify(objects).slice(0, MAX_OBJECTS_CHARACTERS)}`]),
  ]
  return lines.join('\n')
}
