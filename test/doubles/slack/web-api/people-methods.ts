import type { Json } from '../json.ts'
import { memberJson } from '../wire/member-json.ts'
import type { BotCall, BotMethod } from './api-call.ts'
import { ApiError } from './api-error.ts'

/** auth.test, users.info, bots.info and team.info. */
export const PEOPLE_METHODS: Readonly<Record<string, BotMethod>> = {
  'auth.test': { scope: null, answer: test },
  'users.info': { scope: 'users:read', answer: user },
  'bots.info': { scope: 'users:read', answer: bot },
  'team.info': { scope: 'team:read', answer: team },
}

function test({ stage, workspace }: BotCall): Json {
  return {
    url: `https://${workspace.domain}.slack.com/`,
    team: workspace.name,
    user: workspace.botUser.name,
    team_id: workspace.id,
    user_id: workspace.botUser.id,
    bot_id: workspace.botId,
    app_id: stage.world.app.id,
    app_name: stage.world.app.name,
    is_enterprise_install: false,
  }
}

function user({ args, stage, workspace }: BotCall): Json {
  const member = workspace.members.get(args.required('user'))
  if (member === undefined) throw new ApiError('user_not_found')
  return { user: memberJson(stage.world, workspace, member, args.flag('include_locale')) }
}

function bot({ args, stage, workspace }: BotCall): Json {
  const id = args.optional('bot')
  if (id === undefined) throw new ApiError('missing_argument')
  if (id !== workspace.botId) throw new ApiError('bot_not_found')
  const { app } = stage.world
  return { bot: { id, deleted: false, name: app.name, updated: 0, app_id: app.id, user_id: workspace.botUser.id } }
}

function team({ workspace }: BotCall): Json {
  const { id, name, domain } = workspace
  return { team: { id, name, domain, url: `https://${domain}.slack.com/`, email_domain: '', icon: {} } }
}
