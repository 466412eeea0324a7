import type { PendingUploads } from '../files/pending-uploads.ts'
import { type Json, stringIn } from '../json.ts'
import { postMessage } from '../posting.ts'
import { storeFile } from '../uploading.ts'
import { fileJson } from '../wire/file-json.ts'
import type { StoredFile } from '../world/stored-file.ts'
import { type BotCall, type BotMethod, postableChannelOf } from './api-call.ts'
import { ApiError, invalidArguments } from './api-error.ts'
import { checkBlocks } from './content-limits.ts'

/** files.info, files.delete, files.getUploadURLExternal and files.completeUploadExternal. */
export function fileMethods(uploads: PendingUploads): Readonly<Record<string, BotMethod>> {
  return {
    'files.info': { scope: 'files:read', answer: info },
    'files.delete': { scope: 'files:write', answer: remove },
    'files.getUploadURLExternal': { scope: 'files:write', answer: (call) => begin(call, uploads) },
    'files.completeUploadExternal': { scope: 'files:write', answer: (call) => complete(call, uploads) },
  }
}

function info({ args, stage, workspace }: BotCall): Json {
  const file = stage.world.files.get(args.required('file'))
  if (file === undefined || file.teamId !== workspace.id) throw new ApiError('file_not_found')
  if (file.isDeleted) throw new ApiError('file_deleted')
  const botSees = [...file.sharedIn].some((id) => workspace.channels.get(id)?.members.has(workspace.botUser.id))
  if (file.sharedIn.size > 0 && !botSees) throw new ApiError('not_visible')
  return { file: fileJson(stage.world, file), comments: [], response_metadata: { next_cursor: '' } }
}

/** A bot may delete what it uploaded itself. */
function remove({ args, stage, workspace }: BotCall): Json {
  const file = stage.world.files.get(args.required('file'))
  if (file === undefined || file.teamId !== workspace.id) throw new ApiError('file_not_found')
  if (file.isDeleted) throw new ApiError('file_deleted')
  if (file.ownerId !== workspace.botUser.id) throw new ApiError('cant_delete_file')
  file.isDeleted = true
  stage.world.changed()
  return {}
}

function begin({ args, stage, workspace }: BotCall, uploads: PendingUploads): Json {
  const length = args.wholeNumber('length', 0)
  if (length === 0) throw new ApiError('missing_argument')
  const file = storeFile(stage.world, workspace.id, workspace.botUser.id, {
    name: args.required('filename'),
    bytes: new Uint8Array(0),
    declaredSize: length,
  })
  return { upload_url: `${stage.world.origins.files}${uploads.begin(file)}`, file_id: file.id }
}

function complete(call: BotCall, uploads: PendingUploads): Json {
  const { args, stage, workspace } = call
  const entries = args.objects('files', 'invalid_arguments')
  if (entries === null || entries.length === 0) throw invalidArguments('missing required field: files')
  const blocks = args.objects('blocks', 'invalid_blocks')
  checkBlocks(blocks)
  const channel = args.optional('channel_id') === undefined ? null : postableChannelOf(call, 'channel_id')
  const files = entries.map((entry) => uploadedFile(call, uploads, entry))
  if (channel !== null) {
    const text = args.optional('initial_comment') ?? ''
    const threadTs = args.optional('thread_ts') ?? null
    const content = { text, blocks, attachments: null, linksNames: false }
    stage.world.recordPings(workspace.id, channel.id, content)
    postMessage(stage, workspace, channel, workspace.botUser, { text, blocks, threadTs, files })
  }
  return { files: files.map((file) => fileJson(stage.world, file)) }
}

function uploadedFile({ stage }: BotCall, uploads: PendingUploads, entry: Json): StoredFile {
  const file = stage.world.files.get(stringIn(entry, 'id') ?? '')
  if (file === undefined || !uploads.finish(file)) throw new ApiError('file_not_found')
  file.title = stringIn(entry, 'title') ?? file.title
  return file
}
