// `valley data`: the group of commands about datasets.
import type { Command } from 'commander'
import { registerDataAgreement } from './data-agreement.ts'
import { registerDataAlign } from './data-align.ts'
import { registerDataCard } from './data-card.ts'
import { registerDataCheck } from './data-check.ts'
import { registerDataConvert } from './data-convert.ts'
import { registerDataDraft } from './data-draft.ts'
import { registerDataFetch } from './data-fetch.ts'
import { registerDataGenerate } from './data-generate.ts'
import { registerDataLeaks } from './data-leaks.ts'
import { registerDataRate } from './data-rate.ts'
import { registerDataReport } from './data-report.ts'
import { registerDataSplit } from './data-split.ts'
import { registerDataWork } from './data-work.ts'

const EXAMPLES = `
Examples:
  $ valley data align results_2M_train.csv alignment.jsonl --clips webvid
  $ valley data check chat.json --layout valley-702k --clips clips
  $ valley data convert chat.json rows.jsonl --layout valley-702k
`

/** Adds the group. */
export function registerData(program: Command): void {
  const group = program
    .command('data')
    .summary('build and read video-text datasets')
    .description('Build datasets of clips and dialogues in the form of the paper, and read the published ones.')
    .addHelpText('after', EXAMPLES)
  registerDataAlign(group)
  registerDataCheck(group)
  registerDataDraft(group)
  registerDataFetch(group)
  registerDataGenerate(group)
  registerDataConvert(group)
  registerDataSplit(group)
  registerDataWork(group)
  registerDataLeaks(group)
  registerDataCard(group)
  registerDataReport(group)
  registerDataRate(group)
  registerDataAgreement(group)
}
