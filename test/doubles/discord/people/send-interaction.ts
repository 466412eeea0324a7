// Sends INTERACTION_CREATE. Interactions need no intent; they reach also an app that only the user has installed.
import { randomBytes } from 'node:crypto'
import {
  ApplicationIntegrationType,
  ChannelType,
  GatewayDispatchEvents,
  InteractionContextType,
  type InteractionType,
  type MessageType,
} from 'discord.js'
import { ATTACHMENT_SIZE_LIMIT } from '../messages/check-message.ts'
import { renderMessage } from '../messages/render-message.ts'
import { permissionsIn } from '../world/permissions.ts'
import { renderChannel, renderMember } from '../world/render.ts'
import type { ChannelState, InteractionState, MessageState } from '../world/state.ts'
import type { World } from '../world/world.ts'
import { UsedInteraction } from './used-interaction.ts'

/** An interaction to be sent. */
export interface InteractionDraft {
  readonly type: InteractionType
  /** The command's name or the component's custom id. */
  readonly name: string
  readonly userId: string
  readonly channel: ChannelState
  readonly data: object
  readonly answerType: MessageType
  /** The message whose component was used. */
  readonly source?: MessageState
}

/** Where a command is used: in a guild, in the bot's DM. */
export function contextOf(channel: ChannelState): InteractionContextType {
  return channel.type === ChannelType.DM ? InteractionContextType.BotDM : InteractionContextType.Guild
}

/** True when the bot itself is in the channel's guild, or the channel is its DM. */
export function isBotThere(world: World, channel: ChannelState): boolean {
  const guild = world.guildOf(channel)
  return guild === null || guild.members.has(world.bot.id)
}

/** Sends an interaction, and keeps it so that the app can answer. */
export function sendInteraction(world: World, draft: InteractionDraft): UsedInteraction {
  const { type, name, userId, channel, answerType } = draft
  const state: InteractionState = {
    id: world.ids.next(),
    token: randomBytes(24).toString('base64url'),
    type,
    name,
    userId,
    channelId: channel.id,
    createdMs: world.clock.now(),
    isUserInstallOnly: !isBotThere(world, channel),
    answerType,
    sourceMessageId: draft.source?.id ?? null,
    acknowledgedMs: null,
    responseType: null,
    responseMessageId: null,
    followUpIds: [],
    choices: null,
    modal: null,
  }
  world.interactions.set(state.token, state)
  const payload = renderInteraction(world, state, draft)
  world.dispatch({
    event: GatewayDispatchEvents.InteractionCreate,
    intents: 0,
    guildId: channel.guildId,
    channelId: channel.id,
    render: () => payload,
  })
  return new UsedInteraction(world, state)
}

function renderInteraction(world: World, state: InteractionState, draft: InteractionDraft): object {
  const { channel, userId } = draft
  const guild = world.guildOf(channel)
  const user = world.user(userId)
  const hasApp = world.people.get(userId)!.hasApp
  const permissions = String(permissionsIn(world, channel, userId))
  const installedBy = guild === null ? '0' : guild.id
  return {
    id: state.id,
    application_id: world.applicationId,
    type: state.type,
    data: draft.data,
    token: state.token,
    version: 1,
    channel_id: channel.id,
    channel: { ...renderChannel(world, channel), permissions },
    ...(guild === null
      ? { user }
      : {
          guild_id: guild.id,
          guild: { id: guild.id, locale: guild.locale, features: [] },
          guild_locale: guild.locale,
          member: { ...renderMember(guild.members.get(userId)!), permissions },
        }),
    // The message of a component is shown in full, whatever the intents.
    ...(draft.source === undefined ? {} : { message: renderMessage(world, draft.source, true) }),
    app_permissions: String(permissionsIn(world, channel, state.isUserInstallOnly ? userId : world.bot.id)),
    locale: world.people.get(userId)!.locale,
    entitlements: [],
    authorizing_integration_owners: {
      ...(state.isUserInstallOnly ? {} : { [ApplicationIntegrationType.GuildInstall]: installedBy }),
      ...(hasApp ? { [ApplicationIntegrationType.UserInstall]: userId } : {}),
    },
    context: contextOf(channel),
    attachment_size_limit: ATTACHMENT_SIZE_LIMIT,
  }
}
