// The Block Kit pieces that replies are made of.
import type { types } from '@slack/bolt'
import type { Reply } from '../../src/conversation/message.ts'
import type { Texts } from '../../src/conversation/texts/texts.ts'
import { type Json, listIn, textIn } from './json.ts'

/** Action ids of our buttons, by what they do. */
export const ACTION_IDS = {
  'more-detail': 'valley_more_detail',
  'try-again': 'valley_try_again',
  forget: 'valley_forget',
  stop: 'valley_stop',
  feedback: 'valley_feedback',
} as const

/** Text that stands as it is. */
export function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: true }
}

/** Text in Slack's mark-up, already made harmless. @param id by which the message is found again */
export function section(mrkdwn: string, id?: string): types.SectionBlock {
  const block = { type: 'section', text: { type: 'mrkdwn', text: mrkdwn }, expand: true } as const
  return id === undefined ? block : { ...block, block_id: id }
}

/** A small line. */
export function note(mrkdwn: string): types.ContextBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: mrkdwn }] }
}

/** The button that stops a question. @param questionId which one */
export function stopButton(questionId: string, texts: Texts): types.ActionsBlock {
  const button: types.Button = {
    type: 'button',
    action_id: ACTION_IDS.stop,
    text: plain(texts.actions.stop),
    value: questionId,
  }
  return { type: 'actions', elements: [button] }
}

/** True for a message with the button that stops a question. */
export function offersStop(message: Json | null, questionId: string): boolean {
  const elements = listIn(message, 'blocks').flatMap((block) => listIn(block, 'elements'))
  return elements.some((one) => textIn(one, 'action_id') === ACTION_IDS.stop && textIn(one, 'value') === questionId)
}

/** What a person may do next about a reply. @returns no block when there is nothing */
export function actionButtons(
  { actions, questionId }: Pick<Reply, 'actions' | 'questionId'>,
  texts: Texts,
): types.ActionsBlock[] {
  if (actions.length === 0) return []
  const about = questionId === undefined ? {} : { value: questionId }
  const elements = actions.map(
    (action): types.Button => ({
      type: 'button',
      action_id: ACTION_IDS[action],
      text: plain(texts.actions[action]),
      ...about,
    }),
  )
  return [{ type: 'actions', elements }]
}

/** Thumbs up and down; what is pressed goes to the log. */
export function feedbackButtons(): types.ContextActionsBlock {
  return {
    type: 'context_actions',
    elements: [
      {
        type: 'feedback_buttons',
        action_id: ACTION_IDS.feedback,
        positive_button: { text: plain('👍'), value: 'good' },
        negative_button: { text: plain('👎'), value: 'bad' },
      },
    ],
  }
}
