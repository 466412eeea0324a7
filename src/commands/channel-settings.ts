// The settings file's limits and overrides as the conversation takes them: one lookup for each request.
import type { Config } from '../config/config.ts'
import type { ChannelSettings, SettingsLookup } from '../conversation/settings.ts'

const MINUTE_SECONDS = 60

type Override = Config['channels'][string]

/**
 * Finds what holds for a request: its channel's settings before those of the channel that it hangs in, of its guild or
 * workspace, and of all others.
 */
export function channelSettings(config: Config): SettingsLookup {
  return ({ channelId, parentChannelId, groupId }) => {
    const places = [parentChannelId, channelId].filter((id) => id !== undefined)
    const names = [...(groupId === undefined ? [] : [groupId]), ...places.flatMap((id) => [shortName(id), id])]
    const override: Override = Object.assign({}, ...names.map((name) => config.channels[name]))
    return merge(config, override)
  }
}

/** Slack's channels carry their workspace, e.g. `slack:T1:C1`; the id alone, `slack:C1`, names them as well. */
function shortName(channelId: string): string {
  const parts = channelId.split(':')
  return `${parts[0]}:${parts.at(-1)}`
}

function merge(config: Config, override: Override): ChannelSettings {
  const { limits, maxAnswerTokens } = config
  const systemPrompt = override.systemPrompt ?? config.systemPrompt
  const frames = override.frames ?? config.frames
  const locale = override.locale ?? (config.locale === 'auto' ? undefined : config.locale)
  const { maxClipBytes, maxDurationSeconds } = override
  const perUser = override.questionsPerUserPerMinute ?? limits.questionsPerUserPerMinute
  const perGroup = override.questionsPerGroupPerMinute ?? limits.questionsPerGroupPerMinute
  return {
    ...(systemPrompt === null ? {} : { systemPrompt }),
    ...(locale === undefined ? {} : { locale }),
    storyboard: override.storyboard ?? config.storyboard,
    answerOptions: {
      ...(frames === null ? {} : { frameCount: frames }),
      ...(maxAnswerTokens === null ? {} : { maxTokens: maxAnswerTokens }),
    },
    clipLimits: {
      ...(maxClipBytes === undefined ? {} : { maxClipBytes }),
      ...(maxDurationSeconds === undefined ? {} : { maxDurationSeconds }),
    },
    defaultQuestion: override.defaultQuestion ?? config.defaultQuestion,
    limits: {
      perUser: { questions: perUser, seconds: MINUTE_SECONDS },
      perGroup: { questions: perGroup, seconds: MINUTE_SECONDS },
    },
  }
}
