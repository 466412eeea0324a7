// A clip that lies ready in its workspace, and how the tools are started on it.
import type { DecoderRoom } from './decoder-room.ts'
import { startTool, type ToolProcess, type VideoTools } from './ffmpeg-process.ts'
import type { VideoLimits } from './limits.ts'
import type { SniffedClip } from './sniff.ts'

/** Where a clip lies, what may read it and within which bounds. */
export interface ClipSource {
  /** Folder that holds the clip under WORKSPACE_CLIP_NAME. */
  readonly folder: string
  readonly sniffed: SniffedClip
  readonly tools: VideoTools
  readonly limits: VideoLimits
  readonly signal?: AbortSignal | undefined
  /** Shared with other clips; without one decoders start as they come. */
  readonly room?: DecoderRoom | undefined
  /** Processes that run on the clip now. Whoever removes the folder stops them first. */
  readonly running: Set<ToolProcess>
}

/** Starts a tool on a clip; see startTool. */
export function startClipTool(
  source: ClipSource,
  tool: 'ffmpeg' | 'ffprobe',
  toolArguments: readonly string[],
): ToolProcess {
  const { tools, folder, limits, signal, running } = source
  const child = startTool({ tool, tools, toolArguments, folder, limits, signal })
  running.add(child)
  const forget = (): boolean => running.delete(child)
  child.ended.then(forget, forget)
  return child
}
