// Reads the body of a message, new or edited, as channels and webhooks take it.
import type { RESTPatchAPIChannelMessageJSONBody, RESTPostAPIChannelMessageJSONBody } from 'discord.js'
import { RESTJSONErrorCodes } from 'discord.js'
import { apiError, invalidField } from '../http/api-error.ts'
import type { UploadedFile } from '../http/read-body.ts'
import { storeAttachment } from '../messages/attachments.ts'
import type { Edit } from '../messages/change-message.ts'
import { ATTACHMENT_SIZE_LIMIT } from '../messages/check-message.ts'
import type { Draft } from '../messages/post-message.ts'
import type { AttachmentState, MessageState } from '../world/state.ts'
import type { World } from '../world/world.ts'

type NewMessage = RESTPostAPIChannelMessageJSONBody
type ChangedMessage = RESTPatchAPIChannelMessageJSONBody
type ListedAttachments = NewMessage['attachments']

/** Fields of a draft that stand in the body. */
export function readDraft(
  world: World,
  channelId: string,
  request: { body: unknown; files: readonly UploadedFile[] },
  isEphemeral = false,
): Omit<Draft, 'channel' | 'authorId'> {
  const body = request.body as NewMessage
  const reference = body.message_reference
  return {
    attachments: storeFiles(world, channelId, request.files, body.attachments, isEphemeral),
    ...(body.content ? { content: body.content } : {}),
    ...(body.embeds ? { embeds: body.embeds.map((embed) => ({ ...embed, type: 'rich' as never })) } : {}),
    ...(body.components ? { components: body.components } : {}),
    ...(body.flags ? { flags: body.flags } : {}),
    ...(body.nonce === undefined ? {} : { nonce: body.nonce }),
    ...(body.enforce_nonce ? { enforceNonce: true } : {}),
    ...(body.allowed_mentions ? { allowedMentions: body.allowed_mentions } : {}),
    ...(reference?.message_id === undefined
      ? {}
      : { replyTo: { messageId: reference.message_id, failIfMissing: reference.fail_if_not_exists ?? true } }),
  }
}

/** The changes that stand in the body. Without `attachments`, files given are added to those that are there. */
export function readEdit(
  world: World,
  message: MessageState,
  request: { body: unknown; files: readonly UploadedFile[] },
): Edit {
  const body = request.body as ChangedMessage
  const isEphemeral = message.onlyFor !== null
  const added = storeFiles(world, message.channelId, request.files, body.attachments ?? undefined, isEphemeral)
  const isKept = (attachment: AttachmentState) =>
    body.attachments == null || body.attachments.some(({ id }) => String(id) === attachment.id)
  const attachments = [...message.attachments.filter(isKept), ...added]
  return {
    content: body.content,
    embeds: body.embeds?.map((embed) => ({ ...embed, type: 'rich' as never })) ?? body.embeds,
    components: body.components,
    flags: body.flags,
    attachments,
    allowedMentions: body.allowed_mentions ?? undefined,
  }
}

function storeFiles(
  world: World,
  channelId: string,
  files: readonly UploadedFile[],
  listed: ListedAttachments,
  isEphemeral: boolean,
): AttachmentState[] {
  if (files.some(({ bytes }) => bytes.length > ATTACHMENT_SIZE_LIMIT)) {
    throw apiError(RESTJSONErrorCodes.RequestEntityTooLarge)
  }
  // An id below the number of files refers to files[id]; real ids belong to attachments that are there already.
  const indices = (listed ?? []).map(({ id }) => Number(id)).filter((id) => id < files.length + MAX_FILE_INDEX)
  const missing = indices.find((id) => !files.some(({ index }) => index === id))
  if (missing !== undefined) {
    throw invalidField('attachments', 'ATTACHMENT_NOT_FOUND', `files[${missing}] is not in the form.`)
  }
  return files.map((file) => {
    const described = (listed ?? []).find(({ id }) => Number(id) === file.index)
    const upload = {
      name: described?.filename ?? file.name,
      bytes: file.bytes,
      ...(described?.description ? { description: described.description } : {}),
    }
    return storeAttachment(world, channelId, upload, isEphemeral)
  })
}

/** Far below every snowflake and above every index. */
const MAX_FILE_INDEX = 1000
