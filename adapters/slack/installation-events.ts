// What Slack tells of Valley's own standing in a workspace, and of its assistant pane.
import type { App } from '@slack/bolt'
import { welcome } from './assistant-pane.ts'
import { objectIn, textIn } from './json.ts'
import { type Place, SLACK } from './place.ts'
import type { Talk } from './talk.ts'

type EventBody = Readonly<Record<'team_id' | 'event_id', string>>

/** Listens to uninstallation, revoked tokens and opened assistant panes. */
export function hearInstallation(app: App, talk: Talk): void {
  const { workspaces, logger } = talk.options
  const forget = async ({ team_id: teamId, event_id: id }: EventBody, what: string): Promise<void> => {
    // A retry may come when the workspace has installed Valley anew.
    if (!(await talk.claim(`event:${id}`))) return
    logger.warn({ team: teamId }, `Slack ${what}. Valley is silent there until it is installed again.`)
    await workspaces.remove(teamId)
  }
  app.event('app_uninstalled', async ({ body }) => {
    await forget(body, 'uninstalled Valley')
    await talk.options.moderation.desk?.placeGone(`${SLACK}:${body.team_id}`)
  })
  app.event('tokens_revoked', async ({ event, body }) => {
    if ((event.tokens.bot ?? []).length > 0) await forget(body, "revoked Valley's token")
  })
  app.event('assistant_thread_started', async ({ event, body, context }) => {
    const workspace = workspaces.of(context, body.team_id)
    if (workspace === null || !talk.options.assistantPane) return
    const userId = textIn(objectIn(event, 'assistant_thread'), 'user_id')
    if (userId === undefined || !talk.isWelcome({ workspace, userId }, undefined)) return
    const textsFor = (place: Place, userId: string) => talk.textsFor({ workspace, place, userId })
    await welcome(workspace, objectIn(event), logger, textsFor)
  })
  // The channel that somebody looks at beside the pane changes nothing: only clips that are shown to Valley count.
  app.event('assistant_thread_context_changed', async () => {})
}
