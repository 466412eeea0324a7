// `valley moderation`: the group of commands about moderation rules.
import type { Command } from 'commander'
import { registerModerationNotice } from './moderation-notice.ts'
import { registerModerationReplay } from './moderation-replay.ts'
import { registerModerationTry } from './moderation-try.ts'

const EXAMPLES = `
Examples:
  $ valley moderation try holiday.mp4 --rules rules.yaml
  $ valley moderation replay labelled-clips --rules rules.yaml --picture curves.png
`

/** Adds the group. */
export function registerModeration(program: Command): void {
  const group = program
    .command('moderation')
    .summary('try moderation rules on clips')
    .description('Try moderation rules on a clip, measure them on labelled clips, or print what people should know.')
    .addHelpText('after', EXAMPLES)
  registerModerationTry(group)
  registerModerationReplay(group)
  registerModerationNotice(group)
}
