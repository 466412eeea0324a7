// The strip picture of the frames that were looked at, as a file in the thread.
import type { Storyboard } from '../../src/conversation/message.ts'
import type { Logger } from '../../src/logger.ts'
import type { Place } from './place.ts'
import { describeError } from './slack-error.ts'
import type { Workspace } from './workspace.ts'

const FILE_NAME = 'frames.png'

/** Uploads a storyboard. The answer stands without it, so a failure is only logged. */
export async function postStoryboard(
  { client }: Workspace,
  { channel, threadTs }: Place,
  { png, description }: Storyboard,
  logger: Logger,
): Promise<void> {
  const picture = { file: Buffer.from(png), filename: FILE_NAME, title: description, alt_text: description }
  try {
    if (threadTs === undefined) await client.filesUploadV2({ ...picture, channel_id: channel })
    else await client.filesUploadV2({ ...picture, channel_id: channel, thread_ts: threadTs })
  } catch (error) {
    logger.warn({ channel, reason: describeError(error) }, 'storyboard not posted')
  }
}
