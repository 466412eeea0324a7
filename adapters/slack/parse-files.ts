// Files of a post become clips. A clip is known by its workspace and its file id: the file's content never changes.
import type { IncomingClip } from '../../src/conversation/clip.ts'
import { type Json, listIn, numberIn, textIn } from './json.ts'
import { SLACK } from './place.ts'

/** A clip's handle, read back. */
export interface FileHandle {
  /** The workspace whose token can see the file. */
  readonly teamId: string
  readonly fileId: string
}

/** The clips of a post in order, with those of posts that it shares. Files of any kind: the core says what it cannot read. */
export function clipsOfPost(post: Json, teamId: string): IncomingClip[] {
  const shared = listIn(post, 'attachments').flatMap((attachment) => listIn(attachment, 'files'))
  return clipsOfFiles([...listIn(post, 'files'), ...shared], teamId)
}

/** Files as clips. */
export function clipsOfFiles(files: readonly Json[], teamId: string): IncomingClip[] {
  return files.flatMap((file): IncomingClip[] => {
    const id = textIn(file, 'id')
    if (id === undefined) return []
    const name = textIn(file, 'name')
    const bytes = numberIn(file, 'size')
    const mediaType = textIn(file, 'mimetype')
    return [
      {
        platform: SLACK,
        handle: `${teamId}/${id}`,
        ...(name === undefined ? {} : { name }),
        ...(bytes === undefined ? {} : { bytes }),
        ...(mediaType === undefined ? {} : { mediaType }),
      },
    ]
  })
}

/** Those that move; one of which Slack says nothing may. */
export function movingClips(clips: readonly IncomingClip[]): IncomingClip[] {
  return clips.filter(
    ({ mediaType }) => mediaType === undefined || mediaType.startsWith('video/') || mediaType === 'image/gif',
  )
}

/** The parts of a handle; null for one that this adapter never made. */
export function parseHandle(handle: string): FileHandle | null {
  const [, teamId, fileId] = /^([A-Z0-9]+)\/([A-Z0-9]+)$/.exec(handle) ?? []
  return teamId === undefined || fileId === undefined ? null : { teamId, fileId }
}
