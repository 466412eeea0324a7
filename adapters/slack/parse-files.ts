// Files of a post become clips. A clip is known by its workspace, its file id and the channel it was shown in: the file's
// content never changes, and who may see that channel decides who may ask about it.
import type { IncomingClip } from '../../src/conversation/clip.ts'
import { type Json, listIn, numberIn, textIn } from './json.ts'
import { SLACK } from './place.ts'

/** A clip's handle, read back. */
export interface FileHandle {
  /** The workspace whose token can see the file. */
  readonly teamId: string
  readonly fileId: string
  /** Where the post with the file stands; absent for a file that a person gave to the conversation itself. */
  readonly channel?: string
}

/**
 * The clips of a post in order, with those of posts that it forwards. Files of any kind: the core says what it cannot read.
 * @param channel where it stands; absent when only the person who asks has shown it
 */
export function clipsOfPost(post: Json, teamId: string, channel?: string): IncomingClip[] {
  const forwarded = listIn(post, 'attachments').filter((attachment) => !isPreview(attachment))
  return clipsOfFiles(
    [...listIn(post, 'files'), ...forwarded.flatMap((attachment) => listIn(attachment, 'files'))],
    teamId,
    channel,
  )
}

/** What Slack shows of a linked post, to those who may see that one only; a forwarded post is there for all. */
function isPreview({ is_msg_unfurl: isUnfurled, is_share: isShare }: Json): boolean {
  return isUnfurled === true && isShare !== true
}

/** Files as clips. @param channel as clipsOfPost */
export function clipsOfFiles(files: readonly Json[], teamId: string, channel?: string): IncomingClip[] {
  return files.flatMap((file): IncomingClip[] => {
    const id = textIn(file, 'id')
    if (id === undefined) return []
    const name = textIn(file, 'name')
    const bytes = numberIn(file, 'size')
    const mediaType = textIn(file, 'mimetype')
    return [
      {
        platform: SLACK,
        handle: [teamId, id, ...(channel === undefined ? [] : [channel])].join('/'),
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
  const [, teamId, fileId, channel] = /^([A-Z0-9]+)\/([A-Z0-9]+)(?:\/([A-Z0-9]+))?$/.exec(handle) ?? []
  if (teamId === undefined || fileId === undefined) return null
  return { teamId, fileId, ...(channel === undefined ? {} : { channel }) }
}
