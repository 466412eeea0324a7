// Starts a tool that decodes pictures, where there is room for it.
import { type ClipSource, startClipTool } from './clip-source.ts'
import type { ToolProcess } from './ffmpeg-process.ts'

/**
 * Starts a tool on a clip once there is room for what it has in hand; the room is free again when it has ended.
 * @param pixels see DecoderRoom.enter
 * @throws signal.reason on abort
 */
export async function startDecoder(
  source: ClipSource,
  tool: 'ffmpeg' | 'ffprobe',
  toolArguments: readonly string[],
  pixels: number,
): Promise<ToolProcess> {
  const leave = await source.room?.enter(pixels, source.signal)
  try {
    const child = startClipTool(source, tool, toolArguments)
    if (leave !== undefined) child.ended.then(leave, leave)
    return child
  } catch (error) {
    leave?.()
    throw error
  }
}
