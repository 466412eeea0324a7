// Does again what a crash has cut short, whatever it was: a post, a command, a modal, a shortcut, a button.
import { assertNever } from '../../src/assert.ts'
import type { OpenQuestion } from '../../src/conversation/question-ledger.ts'
import { goOn } from './buttons.ts'
import { askPostAgain } from './hear-posts.ts'
import { askByModal } from './modal.ts'
import { pressAlert } from './moderation/press-buttons.ts'
import { doWish, type WrittenWish, wishOf } from './open-wishes.ts'
import { describe } from './shortcuts.ts'
import { obeyAgain } from './slash-command.ts'
import type { Talk } from './talk.ts'
import type { Workspace } from './workspace.ts'

/** Asks an open question again. @throws what Slack throws when it does not answer */
export async function askAgain(talk: Talk, question: OpenQuestion): Promise<void> {
  const wish = wishOf(question)
  if (wish === null) return await askPostAgain(talk, question)
  const workspace = await talk.options.workspaces.byTeam(wish.teamId)
  await doWish(talk, question, () => doAgain(talk, workspace, wish, question))
}

async function doAgain(talk: Talk, workspace: Workspace, wish: WrittenWish, question: OpenQuestion): Promise<boolean> {
  const { wanted } = wish
  switch (wanted.kind) {
    case 'command':
      return await obeyAgain(talk, workspace, { ...wish, wanted }, question)
    case 'modal':
      return await askByModal(talk, workspace, { ...wish, wanted }, question, true)
    case 'shortcut':
      return await describe(talk, workspace, { ...wish, wanted }, question, null)
    case 'press':
      return await goOn(talk, workspace, { ...wish, wanted }, question, true)
    case 'alert':
      return await pressAlert(talk, workspace, { ...wish, wanted }, question, true)
    default:
      return assertNever(wanted)
  }
}
