import type { Json } from '../json.ts'
import type { OpenView } from '../world/view.ts'
import type { World } from '../world/world.ts'

/** The view as Slack gives it back: what the app sent, with ids and the state of its inputs. */
export function viewJson(world: World, view: OpenView, values: Json = {}): Json {
  const { content } = view
  return {
    id: view.id,
    team_id: view.teamId,
    app_installed_team_id: view.teamId,
    app_id: world.app.id,
    bot_id: world.workspaceOf(view.teamId).botId,
    type: view.type,
    callback_id: content.callback_id ?? '',
    title: content.title ?? null,
    close: content.close ?? null,
    submit: content.submit ?? null,
    blocks: content.blocks,
    private_metadata: content.private_metadata ?? '',
    state: { values },
    hash: view.hash,
    clear_on_close: content.clear_on_close ?? false,
    notify_on_close: content.notify_on_close ?? false,
    root_view_id: view.id,
    previous_view_id: null,
    external_id: content.external_id ?? '',
  }
}
