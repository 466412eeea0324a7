// Readers of what a tool writes.
import { AppError } from '../errors.ts'
import type { ToolProcess } from './ffmpeg-process.ts'

/**
 * Reads all that a tool writes as one text.
 * @throws AppError CLIP_UNREADABLE above maxBytes: no clip in order makes ffprobe write that much
 */
export async function readAll(child: ToolProcess, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of child.output as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) {
      throw new AppError(
        'CLIP_UNREADABLE',
        `The clip's description has more than ${maxBytes} bytes, the most that is read. ` +
          'Remove its chapters, tags and data streams, or export it again.',
        { details: { maxBytes } },
      )
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Reads what a tool writes as lines without their ends, as many at a time as came at once. */
export async function* readLineGroups(child: ToolProcess): AsyncGenerator<readonly string[]> {
  let rest = ''
  // Only ASCII is asked for with this, so no character can be cut in two.
  for await (const chunk of child.output as AsyncIterable<Buffer>) {
    const lines = (rest + chunk.toString('latin1')).split('\n')
    rest = lines.pop()!
    yield lines
  }
  if (rest !== '') yield [rest]
}
