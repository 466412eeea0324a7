// Doing what moderators want, now or by the next start after a crash.
import { type BaseMessageOptions, InteractionWebhook } from 'discord.js'
import type { OpenQuestion } from '../../../src/conversation/question-ledger.ts'
import { moderationTextsFor } from '../../../src/moderation/texts/locale.ts'
import type { BotContext } from '../bot-context.ts'
import { failureFields } from '../failures.ts'
import { PLATFORM } from '../places.ts'
import { NO_MENTIONS } from '../reply-target.ts'
import type { ModeratorWish, WrittenWish } from '../written-wish.ts'
import { namesKnownTo } from './known-names.ts'
import { renderNotice } from './render-notice.ts'

/** The message that stands where an interaction was acknowledged. */
const ORIGINAL = '@original'

/**
 * Does what an acknowledged command or button of a moderator wants, and settles it.
 * @param question the same in the ledger
 * @param isAgain after a crash, when a first try may have done it already
 */
export async function handleModeratorWish(
  context: BotContext,
  wish: WrittenWish<ModeratorWish>,
  question: OpenQuestion,
  isAgain: boolean,
): Promise<void> {
  const { client, ledger, logger } = context
  // What is an hour old, or has ended Valley three times, is not done; whoever wanted it sees that it was not.
  if (question.isGivenUp !== true) {
    const answer = await answerTo(context, wish, isAgain)
    const webhook = new InteractionWebhook(client, client.application.id, wish.token)
    await webhook
      .editMessage(ORIGINAL, { ...answer, components: [], allowedMentions: NO_MENTIONS })
      .catch((error: unknown) => {
        logger.info({ interaction: wish.interactionId, ...failureFields(error) }, 'a moderator was not answered')
      })
  }
  await ledger.settle(question.id)
}

async function answerTo(
  { moderation, client }: BotContext,
  { interactionId, guildId, channelId, userId, locale, mayAttach, wanted }: WrittenWish<ModeratorWish>,
  isAgain: boolean,
): Promise<Pick<BaseMessageOptions, 'content' | 'files'>> {
  const texts = moderationTextsFor(locale)
  const by = {
    requestId: `${PLATFORM}:${interactionId}`,
    channelId: `${PLATFORM}:${channelId}`,
    userId: `${PLATFORM}:${userId}`,
    locale,
    isModerator: wanted.isModerator,
  }
  if (wanted.kind === 'moderate-alert') {
    const { verb, alertId } = wanted
    return { content: (await moderation?.press({ ...by, verb, alertId, isAgain }))?.text ?? texts.alertClosed }
  }
  if (moderation === null || guildId === null) return { content: texts.mayNot }
  const place = { ...by, groupId: `${PLATFORM}:${guildId}` }
  const { content, files } = renderNotice(await moderation.command(place, wanted.wish), mayAttach, namesKnownTo(client))
  return { content, files: [...files] }
}
