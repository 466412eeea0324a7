import type { Json } from '../json.ts'
import type { Member } from '../world/member.ts'
import type { Workspace } from '../world/workspace.ts'
import type { World } from '../world/world.ts'

/** What every interactive payload carries: who, where, and leave to open a modal. */
export function interactionBase(world: World, workspace: Workspace, member: Member): Json {
  return {
    token: world.app.verificationToken,
    api_app_id: world.app.id,
    team: { id: workspace.id, domain: workspace.domain },
    user: { id: member.id, name: member.name, username: member.name, team_id: workspace.id },
    enterprise: null,
    is_enterprise_install: false,
    trigger_id: world.newTrigger(member.id),
  }
}
