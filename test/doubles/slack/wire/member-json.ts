import type { Json } from '../json.ts'
import type { Member } from '../world/member.ts'
import type { Workspace } from '../world/workspace.ts'
import type { World } from '../world/world.ts'

/** Workspace of everybody who comes from outside. */
const OTHER_ORGANISATION = 'T0ELSEWHERE'

/** The user object of `users.info`. @param includesLocale whether the caller asked with `include_locale` */
export function memberJson(world: World, workspace: Workspace, member: Member, includesLocale: boolean): Json {
  const teamId = member.standing === 'outside' ? OTHER_ORGANISATION : member.teamId
  return {
    id: member.id,
    team_id: teamId,
    name: member.name,
    real_name: member.name,
    deleted: false,
    tz: member.timezone,
    is_bot: member.isBot,
    is_app_user: false,
    is_admin: member.standing === 'admin',
    is_restricted: member.standing === 'guest',
    is_ultra_restricted: false,
    profile: {
      real_name: member.name,
      display_name: member.name,
      team: teamId,
      ...(member.id === workspace.botUser.id ? { bot_id: workspace.botId, api_app_id: world.app.id } : {}),
    },
    ...(includesLocale ? { locale: member.locale } : {}),
  }
}
