// What Valley can do on Slack, in words.
import type { CommandName, Texts } from '../../src/conversation/texts/texts.ts'

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
