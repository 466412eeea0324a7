// A private folder for the work on one clip. ffmpeg runs inside it and sees the clip under one fixed name, so neither the
// real name (a dash in front, `%`, line ends) nor the files beside the clip can play a part.
import { constants } from 'node:fs'
import { access, realpath, stat, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { AppError } from '../errors.ts'
import { tooManyBytes } from './clip-size.ts'
import type { VideoLimits } from './limits.ts'
import { createPrivateFolder } from './private-folder.ts'

/** The name of the clip within its workspace. */
export const WORKSPACE_CLIP_NAME = 'clip'

/** A private folder with one clip in it. */
export interface ClipWorkspace {
  /** Absolute path of the folder; mode 0700, nobody else's files in it. */
  readonly folder: string
  /** Absolute path of the clip within the folder. */
  readonly clipPath: string
  /** Size of the clip, bytes. */
  readonly clipBytes: number
  /** Deletes the folder, never the clip itself. May be called more than once. */
  remove(): Promise<void>
}

/**
 * Checks that a path leads to a regular file within the size limit and links it into a new private folder.
 * @param path any path; symbolic links are followed
 * @param temporaryFolder where to make the folder; default the system's
 * @throws AppError CLIP_MISSING (no such file, or not readable), CLIP_NOT_VIDEO (folder, device, pipe), CLIP_TOO_LARGE
 */
export async function createClipWorkspace(
  path: string,
  limits: VideoLimits,
  temporaryFolder?: string,
): Promise<ClipWorkspace> {
  const { realClipPath, clipBytes } = await checkClipFile(path, limits)
  const { path: folder, remove } = await createPrivateFolder('clip', temporaryFolder)
  const clipPath = join(folder, WORKSPACE_CLIP_NAME)
  try {
    await symlink(realClipPath, clipPath)
  } catch (error) {
    await remove()
    throw error
  }
  return { folder, clipPath, clipBytes, remove }
}

async function checkClipFile(path: string, limits: VideoLimits): Promise<{ realClipPath: string; clipBytes: number }> {
  // Quoted, since a name may hold line ends and the message is one line.
  const name = JSON.stringify(basename(path))
  let realClipPath: string
  try {
    realClipPath = await realpath(path)
    await access(realClipPath, constants.R_OK)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new AppError(
      'CLIP_MISSING',
      `The clip ${name} cannot be opened (${reason}); a readable file is needed. Check the path and its permissions.`,
      { details: { reason }, cause: error },
    )
  }
  const status = await stat(realClipPath)
  if (!status.isFile()) {
    // Opening a pipe or device could wait for ever, so nothing but a regular file is opened.
    const seen = status.isDirectory() ? 'a folder' : 'a device, pipe or socket'
    throw new AppError(
      'CLIP_NOT_VIDEO',
      `The clip ${name} is ${seen}; only a regular file is allowed. Give the path of the clip itself.`,
      { details: { seen } },
    )
  }
  if (status.size > limits.maxClipBytes) throw tooManyBytes(status.size, limits.maxClipBytes)
  return { realClipPath, clipBytes: status.size }
}
