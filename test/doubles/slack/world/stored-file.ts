import type { DownloadScript } from '../files/download-script.ts'

/** A file that someone uploaded. */
export interface StoredFile {
  readonly id: string
  readonly teamId: string
  readonly ownerId: string
  readonly name: string
  readonly mimetype: string
  readonly createdSeconds: number
  bytes: Buffer
  title: string
  /** Bytes that the file's description claims; a test may make it lie. */
  declaredSize: number
  /** `check_file_info` makes events carry no more than the id, as in channels shared with other organisations. */
  readonly access: 'visible' | 'check_file_info'
  /** Ids of the channels it was shared in; empty for one from a modal's file input. */
  readonly sharedIn: Set<string>
  isDeleted: boolean
  /** How the next downloads go wrong, in order; an ordinary download when empty. */
  readonly downloadScripts: DownloadScript[]
}

/** A file as a person has it on disk, before it is uploaded. */
export interface FileToShare {
  readonly name: string
  readonly bytes: Uint8Array
  /** Taken from the name's ending when left out. */
  readonly mimetype?: string
  readonly declaredSize?: number
  readonly access?: StoredFile['access']
}

const MIMETYPES: Readonly<Record<string, string>> = {
  gif: 'image/gif',
  jpg: 'image/jpeg',
  mov: 'video/quicktime',
  mp4: 'video/mp4',
  png: 'image/png',
  txt: 'text/plain',
  webm: 'video/webm',
}

/** The ending of a file's name in lower case, without the point; empty when it has none. */
export function endingOf(name: string): string {
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
}

/** The mimetype that Slack would find for a name; bytes of no known kind otherwise. */
export function mimetypeOf(name: string): string {
  return MIMETYPES[endingOf(name)] ?? 'application/octet-stream'
}
