import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { channelSettings } from '../../../src/commands/channel-settings.ts'
import { loadConfig } from '../../../src/config/config.ts'
import type { ChannelSettings } from '../../../src/conversation/settings.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const REQUEST = { id: 'r', threadId: 't', userId: 'slack:T1:U1' }

function lookUp(yaml: string, channelId: string, groupId?: string, parentChannelId?: string): ChannelSettings {
  const path = join(temporaryFolder(), 'valley.yaml')
  writeFileSync(path, yaml)
  const request = {
    ...REQUEST,
    channelId,
    ...(groupId === undefined ? {} : { groupId }),
    ...(parentChannelId === undefined ? {} : { parentChannelId }),
  }
  return channelSettings(loadConfig({ path, environment: {} }))(request)
}

it('gives the defaults of the settings file where nothing is said', () => {
  expect(lookUp('', 'discord:1')).toEqual({
    storyboard: true,
    answerOptions: {},
    clipLimits: {},
    defaultQuestion: 'Describe this clip.',
    limits: { perUser: { questions: 6, seconds: 60 }, perGroup: { questions: 60, seconds: 60 } },
  })
})

it('hands on what holds everywhere', () => {
  const yaml = `
    { systemPrompt: Be brief., locale: es, frames: 4, maxAnswerTokens: 99, storyboard: false, defaultQuestion: What?,
      limits: { questionsPerUserPerMinute: 1, questionsPerGroupPerMinute: 2 } }`
  expect(lookUp(yaml, 'discord:1')).toEqual({
    systemPrompt: 'Be brief.',
    locale: 'es',
    storyboard: false,
    answerOptions: { frameCount: 4, maxTokens: 99 },
    clipLimits: {},
    defaultQuestion: 'What?',
    limits: { perUser: { questions: 1, seconds: 60 }, perGroup: { questions: 2, seconds: 60 } },
  })
})

it('takes the settings of a channel before those of its guild, and those before all others', () => {
  const yaml = `
frames: 1
storyboard: true
systemPrompt: all
channels:
  "discord:9": { frames: 2, systemPrompt: guild, maxClipBytes: 5, questionsPerGroupPerMinute: 3 }
  "discord:1": { frames: 3, locale: zh, maxDurationSeconds: 7, questionsPerUserPerMinute: 4 }
`
  expect(lookUp(yaml, 'discord:1', 'discord:9')).toMatchObject({
    systemPrompt: 'guild',
    locale: 'zh',
    answerOptions: { frameCount: 3 },
    clipLimits: { maxClipBytes: 5, maxDurationSeconds: 7 },
    limits: { perUser: { questions: 4 }, perGroup: { questions: 3 } },
  })
  expect(lookUp(yaml, 'discord:2', 'discord:9')).toMatchObject({
    systemPrompt: 'guild',
    answerOptions: { frameCount: 2 },
  })
  expect(lookUp(yaml, 'discord:2', 'discord:8')).toMatchObject({
    systemPrompt: 'all',
    answerOptions: { frameCount: 1 },
  })
})

it.each(['slack:C1', 'slack:T1:C1', 'slack:T1'])('finds a channel of Slack by %s', (name) => {
  const yaml = `channels: { "${name}": { frames: 5 } }`
  expect(lookUp(yaml, 'slack:T1:C1', 'slack:T1').answerOptions).toEqual({ frameCount: 5 })
  expect(lookUp(yaml, 'slack:T2:C2', 'slack:T2').answerOptions).toEqual({})
})

it('takes the settings of a channel for the threads in it, unless a thread has its own', () => {
  const yaml = `
channels:
  "discord:9": { systemPrompt: guild }
  "discord:1": { systemPrompt: channel, frames: 3 }
  "discord:2": { frames: 4 }
`
  expect(lookUp(yaml, 'discord:3', 'discord:9', 'discord:1')).toMatchObject({ systemPrompt: 'channel' })
  const own = lookUp(yaml, 'discord:2', 'discord:9', 'discord:1')
  expect(own).toMatchObject({ systemPrompt: 'channel', answerOptions: { frameCount: 4 } })
})
