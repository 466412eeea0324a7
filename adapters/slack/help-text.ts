// What Valley can do on Slack, in words.
import type { CommandName, Texts } from '../../src/conversation/texts/texts.ts'
import type { ModerationCommandName } from '../../src/moderation/platform/desk.ts'
import type { ModerationTexts } from '../../src/moderation/texts/texts.ts'

/** The help, in Slack's mark-up. @param command the slash command, e.g. `/valley` */
export function helpText(texts: Texts, command: string): string {
  const forms: readonly (readonly [string, CommandName])[] = [
    [`${command} [${texts.parameters.question}]`, 'ask'],
    [`${command} describe`, 'describe'],
    ['reset', 'reset'],
    ['forget', 'forget'],
    ['help', 'help'],
  ]
  const lines = forms.map(([form, name]) => `• \`${form}\`  ${texts.commands[name]}`)
  return [texts.helpIntroduction, ...lines].join('\n')
}

/** The commands of moderators, a line each. @param command the slash command */
export function moderationHelp(texts: ModerationTexts, command: string): string[] {
  const { commands, parameters } = texts
  const forms: readonly (readonly [string, ModerationCommandName])[] = [
    [`watch #${parameters.channel}`, 'watch'],
    [`unwatch #${parameters.channel}`, 'unwatch'],
    ['rules', 'rules'],
    ['digest now', 'digest'],
    ['status', 'status'],
    ['audit', 'audit'],
    ['forget-records', 'forget'],
  ]
  return forms.map(([form, name]) => `• \`${command} ${form}\`  ${commands[name]}`)
}
