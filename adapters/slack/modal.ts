// The modal with a question and files: a slash command itself can carry no file.
import type { App, types } from '@slack/bolt'
import type { OpenQuestion } from '../../src/conversation/question-ledger.ts'
import type { Texts } from '../../src/conversation/texts/texts.ts'
import { plain } from './blocks.ts'
import { CLIP_MODAL } from './callback-ids.ts'
import { type Json, listIn, objectIn, textIn } from './json.ts'
import { MAX_MODAL_FILES, MAX_MODAL_TITLE_CHARACTERS } from './limits.ts'
import { openPlace } from './open-place.ts'
import { type ModalWish, takeWish, type WrittenWish } from './open-wishes.ts'
import { clipsOfFiles } from './parse-files.ts'
import type { Talk } from './talk.ts'
import type { Workspace } from './workspace.ts'

const QUESTION = 'question'
const CLIPS = 'clips'

/** Endings that the file input offers; what a file really is, is told from its bytes. */
const FILE_ENDINGS = ['mp4', 'mov', 'm4v', 'webm', 'mkv', 'avi', 'gif', 'png', 'jpg', 'jpeg', 'webp']

/**
 * The modal as a view.
 * @param channel where the answer is to go; undefined for a direct message
 * @param question what is filled in already
 */
export function clipModal(texts: Texts, channel: string | undefined, question: string): types.ModalView {
  const title = plain(texts.describeClip.slice(0, MAX_MODAL_TITLE_CHARACTERS))
  return {
    type: 'modal',
    callback_id: CLIP_MODAL,
    private_metadata: channel ?? '',
    title,
    submit: title,
    blocks: [
      {
        type: 'input',
        block_id: CLIPS,
        label: plain(texts.parameters.clip),
        element: { type: 'file_input', action_id: CLIPS, filetypes: FILE_ENDINGS, max_files: MAX_MODAL_FILES },
      },
      {
        type: 'input',
        block_id: QUESTION,
        optional: true,
        label: plain(texts.parameters.question),
        element: {
          type: 'plain_text_input',
          action_id: QUESTION,
          multiline: true,
          ...(question === '' ? {} : { initial_value: question }),
        },
      },
    ],
  }
}

/** A modal that only says something, for a wish that comes from no channel. */
export function noticeModal(texts: Texts, sentence: string): types.ModalView {
  const title = plain(texts.describeClip.slice(0, MAX_MODAL_TITLE_CHARACTERS))
  return { type: 'modal', title, blocks: [{ type: 'section', text: plain(sentence) }] }
}

/** Listens to the modal being sent off. */
export function takeModals(app: App, talk: Talk): void {
  app.view(CLIP_MODAL, async ({ ack, body, view, context }) => {
    const workspace = talk.options.workspaces.of(context, body.team?.id)
    if (workspace === null) return await ack()
    const values = objectIn(objectIn(view, 'state'), 'values')
    const text = textIn(inputOf(values, QUESTION), 'value')?.trim() ?? ''
    const clips = clipsOfFiles(listIn(inputOf(values, CLIPS), 'files'), workspace.teamId)
    const wish = {
      teamId: workspace.teamId,
      ...(view.private_metadata === '' ? {} : { channel: view.private_metadata }),
      userId: body.user.id,
      ...(body.user.team_id === undefined ? {} : { userTeamId: body.user.team_id }),
      userName: body.user.name,
      id: view.id,
      wanted: { kind: 'modal', text, clips } as const,
    }
    await takeWish(talk, wish, `view:${view.id}`, ack, (question) => askByModal(talk, workspace, wish, question, false))
  })
}

/**
 * Asks what a modal was sent off with.
 * @param isAgain after a crash
 * @returns true when the question is on its way
 */
export async function askByModal(
  talk: Talk,
  workspace: Workspace,
  wish: WrittenWish<ModalWish>,
  question: OpenQuestion,
  isAgain: boolean,
): Promise<boolean> {
  const { channel, userId, userTeamId, userName, id, wanted } = wish
  const { text, clips } = wanted
  // Who is not welcome was shown no modal, unless the settings have changed since.
  if (!talk.isWelcome({ workspace, userId, userTeamId }, channel)) return false
  const place = await openPlace(talk, workspace, {
    channel,
    userId,
    userName,
    text,
    clips,
    question,
    isAgain,
  })
  if (place === null) return false
  await talk.ask({ workspace, place, userId, id, question }, { text, clips })
  return true
}

function inputOf(values: Json, id: string): Json {
  return objectIn(objectIn(values, id), id)
}
