import type { Json } from '../json.ts'
import type { BotCall } from './api-call.ts'
import { ApiError } from './api-error.ts'
import { checkAttachments, checkBlocks, checkMarkdownText } from './content-limits.ts'

/** The content that a call wants to post, checked against Slack's limits. */
export interface MessageContent {
  /** Null when the call names none, which leaves an edited message's text as it is. */
  readonly text: string | null
  readonly blocks: Json[] | null
  readonly attachments: Json[] | null
  readonly metadata: Json | null
  readonly linksNames: boolean
}

/** Reads text, blocks and attachments of a call. @throws ApiError no_text, markdown_text_conflict, invalid_blocks … */
export function contentOf({ args }: BotCall): MessageContent {
  const text = args.optional('text')
  const markdown = args.optional('markdown_text')
  const blocks = args.objects('blocks', 'invalid_blocks_format')
  const attachments = args.objects('attachments', 'invalid_attachments')
  if (markdown !== undefined && (text !== undefined || blocks !== null)) throw new ApiError('markdown_text_conflict')
  const isEmpty = (text ?? markdown ?? '') === '' && (blocks ?? []).length === 0 && (attachments ?? []).length === 0
  if (isEmpty) throw new ApiError('no_text')
  checkMarkdownText(markdown)
  checkBlocks(blocks)
  checkAttachments(attachments)
  return {
    text: text ?? markdown ?? null,
    blocks,
    attachments,
    metadata: args.object('metadata'),
    linksNames: args.flag('link_names') || args.optional('parse') === 'full',
  }
}
