// A clip made ready for the stages of the video room, without the entry that the product uses.
import { join } from 'node:path'
import type { ClipSource } from '../../src/video/clip-source.ts'
import { type ClipWorkspace, createClipWorkspace } from '../../src/video/clip-workspace.ts'
import { DEFAULT_VIDEO_LIMITS, type VideoLimits } from '../../src/video/limits.ts'
import { sniffClip } from '../../src/video/sniff.ts'
import { INSTALLED_TOOLS } from './make-clips.ts'

/** Links a clip into a workspace, gives it to `work` as a source, and removes the workspace whatever happens. */
export async function withClipSource<Result>(
  path: string,
  work: (source: ClipSource) => Promise<Result>,
  changed: Partial<VideoLimits> = {},
): Promise<Result> {
  const limits = { ...DEFAULT_VIDEO_LIMITS, ...changed }
  const workspace: ClipWorkspace = await createClipWorkspace(path, limits, join(path, '..'))
  try {
    const sniffed = await sniffClip(workspace.clipPath)
    return await work({ folder: workspace.folder, sniffed, tools: INSTALLED_TOOLS, limits, running: new Set() })
  } finally {
    await workspace.remove()
  }
}
