import { type Json, jsonArray, stringIn } from '../json.ts'
import type { Stage } from '../stage.ts'
import { viewJson } from '../wire/view-json.ts'
import type { OpenView } from '../world/view.ts'
import type { Workspace } from '../world/workspace.ts'
import type { BotCall, BotMethod } from './api-call.ts'
import { ApiError, invalidArguments } from './api-error.ts'
import { checkBlocks } from './content-limits.ts'

const MAX_TITLE_CHARACTERS = 24
const MAX_VIEW_BYTES = 250_000
const MAX_PRIVATE_METADATA_CHARACTERS = 3000

/** views.open, views.update and views.publish. */
export const VIEW_METHODS: Readonly<Record<string, BotMethod>> = {
  'views.open': { scope: null, answer: open },
  'views.update': { scope: null, answer: update },
  'views.publish': { scope: null, answer: publish },
}

function open(call: BotCall): Json {
  const { args, stage, workspace } = call
  const content = viewArgumentOf(call)
  const trigger = stage.world.triggers.get(args.required('trigger_id'))
  if (trigger === undefined) throw new ApiError('invalid_trigger_id')
  if (trigger.isExchanged) throw new ApiError('exchanged_trigger_id')
  if (stage.world.clock.now() > trigger.expiresMs) throw new ApiError('expired_trigger_id')
  trigger.isExchanged = true
  const view = showView(stage, workspace, trigger.userId, 'modal', content)
  return { view: viewJson(stage.world, view) }
}

function update(call: BotCall): Json {
  const { args, stage } = call
  const content = viewArgumentOf(call)
  const externalId = args.optional('external_id')
  const view =
    externalId === undefined
      ? stage.world.views.get(args.required('view_id'))
      : [...stage.world.views.values()].find((one) => one.content.external_id === externalId)
  if (view === undefined || !view.isOpen || view.teamId !== call.workspace.id) throw new ApiError('not_found')
  const hash = args.optional('hash')
  if (hash !== undefined && hash !== view.hash) throw new ApiError('hash_conflict')
  replaceView(stage, view, content)
  return { view: viewJson(stage.world, view) }
}

function publish(call: BotCall): Json {
  const { args, stage, workspace } = call
  const content = viewArgumentOf(call)
  const userId = args.required('user_id')
  const home = [...stage.world.views.values()].find((view) => view.type === 'home' && view.userId === userId)
  if (home === undefined) {
    return { view: viewJson(stage.world, showView(stage, workspace, userId, 'home', content)) }
  }
  replaceView(stage, home, content)
  return { view: viewJson(stage.world, home) }
}

function viewArgumentOf({ args }: BotCall): Json {
  const content = args.object('view')
  if (content === null) throw invalidArguments('missing required field: view')
  checkView(content)
  return content
}

/** @throws ApiError invalid_arguments or view_too_large when the view breaks a documented rule */
export function checkView(content: Json): void {
  if (JSON.stringify(content).length > MAX_VIEW_BYTES) throw new ApiError('view_too_large')
  if (content.type !== 'modal' && content.type !== 'home') throw invalidArguments('must be modal or home: /view/type')
  const blocks = jsonArray(content.blocks)
  checkBlocks(blocks, 'view')
  if ((stringIn(content, 'private_metadata')?.length ?? 0) > MAX_PRIVATE_METADATA_CHARACTERS) {
    throw invalidArguments('must be less than 3001 characters: /view/private_metadata')
  }
  if (content.type === 'home') return
  const title = stringIn(content.title, 'text') ?? ''
  if (title === '' || title.length > MAX_TITLE_CHARACTERS) {
    throw invalidArguments(`must have 1 to ${MAX_TITLE_CHARACTERS} characters: /view/title`)
  }
  if (blocks.some(({ type }) => type === 'input') && content.submit === undefined) {
    throw invalidArguments('must define `submit` to use an `input` block in modals: /view')
  }
}

/** Shows someone a new view. */
export function showView(
  { world }: Stage,
  workspace: Workspace,
  userId: string,
  type: OpenView['type'],
  content: Json,
): OpenView {
  const id = world.identifiers.next('V')
  const shown = { id, teamId: workspace.id, userId, type, hash: crypto.randomUUID(), content }
  const view: OpenView = { ...shown, errors: {}, isOpen: true }
  world.views.set(id, view)
  world.changed()
  return view
}

/** Puts new content into a view that is shown. */
export function replaceView({ world }: Stage, view: OpenView, content: Json): void {
  view.content = content
  view.hash = crypto.randomUUID()
  world.changed()
}
