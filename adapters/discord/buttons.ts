// The buttons under a reply. What a press needs to know stands in the button's id, so that buttons work after a restart.
import { type APIActionRowComponent, type APIButtonComponent, ButtonStyle, ComponentType } from 'discord.js'
import type { Reply, ReplyAction } from '../../src/conversation/message.ts'
import type { Texts } from '../../src/conversation/texts/texts.ts'

/** A row of buttons. */
export type ButtonRow = APIActionRowComponent<APIButtonComponent>

/** What a button does. */
export type ButtonPress =
  /** Stops the question of this id. */
  { readonly action: 'stop'; readonly requestId: string } | FollowUpPress

/** Goes on with this conversation, about the answer to this question. */
export interface FollowUpPress {
  readonly action: ReplyAction
  readonly threadId: string
  readonly questionId?: string
}

const STYLES: Readonly<Record<ReplyAction, ButtonStyle.Primary | ButtonStyle.Secondary>> = {
  'more-detail': ButtonStyle.Primary,
  'try-again': ButtonStyle.Secondary,
  forget: ButtonStyle.Secondary,
}

/** The button that stops a running question. */
export function stopButton(requestId: string, texts: Texts): ButtonRow {
  return row([button(`stop ${requestId}`, texts.actions.stop, ButtonStyle.Danger)])
}

/** The buttons for what may be done next; none without actions. */
export function actionButtons(
  { actions, questionId }: Pick<Reply, 'actions' | 'questionId'>,
  threadId: string,
  texts: Texts,
): ButtonRow[] {
  if (actions.length === 0) return []
  const subject = questionId === undefined ? threadId : `${threadId} ${questionId}`
  return [row(actions.map((action) => button(`${action} ${subject}`, texts.actions[action], STYLES[action])))]
}

/** Reads the id of a pressed button. @returns null for one that is none of ours */
export function parseButton(customId: string): ButtonPress | null {
  const [action, subject, questionId] = customId.split(' ')
  if (action === undefined || subject === undefined) return null
  if (action === 'stop') return { action, requestId: subject }
  if (!Object.hasOwn(STYLES, action)) return null
  return { action: action as ReplyAction, threadId: subject, ...(questionId === undefined ? {} : { questionId }) }
}

function row(components: APIButtonComponent[]): ButtonRow {
  return { type: ComponentType.ActionRow, components }
}

function button(
  customId: string,
  label: string,
  style: ButtonStyle.Primary | ButtonStyle.Secondary | ButtonStyle.Danger,
): APIButtonComponent {
  return { type: ComponentType.Button, custom_id: customId, label, style }
}
