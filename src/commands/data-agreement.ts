// `valley data agreement`: how far raters agree, and how generated records fare beside those that people wrote.
import type { Command } from 'commander'
import { plainText } from '../../adapters/terminal/plain-text.ts'
import { agreementOf, type Figure, originMeans, tellingOf } from '../data/rating/rating-figures.ts'
import { readKey, readRatings } from '../data/rating/read-ratings.ts'
import { textTable } from '../evaluation/text-table.ts'
import { withContext } from './context.ts'

interface AgreementOptions {
  readonly key?: string
  readonly json?: true
}

const NOTES = `
Kappa is Cohen's for two raters and Fleiss' for more, alpha is Krippendorff's (ordinal for scales from 1 to 5). Intervals
are of 95 %, from 2,000 bootstrap samples over the records; those of who wrote it are Wilson's, in which what several
raters say of one record counts as one case as far as they agree.

Example:
  $ valley data agreement ratings-*.json --key page.html.key.json
`

/** Adds the command to the group. */
export function registerDataAgreement(group: Command): void {
  group
    .command('agreement')
    .summary('tell how far raters agree, and what they say of generated records')
    .description('Compute the agreement between raters from the files that the rating page saved.')
    .argument('<files...>', 'JSON or CSV of the rating page, one a rater')
    .option('--key <file>', 'the .key.json of the page; compares generated records with those that people wrote')
    .option('--json', 'print the figures as an object')
    .addHelpText('after', NOTES)
    .action((files: string[], options: AgreementOptions) => withContext(() => tellAgreement(files, options)))
}

async function tellAgreement(files: readonly string[], { key: keyFile, json }: AgreementOptions): Promise<void> {
  const ratings = await readRatings(files)
  const agreement = agreementOf(ratings)
  const key = keyFile === undefined ? null : await readKey(keyFile, ratings.page)
  const origins = key === null ? [] : originMeans(ratings, key)
  const telling = key === null ? null : tellingOf(ratings, key)
  if (json) {
    const all = { page: ratings.page, raters: ratings.raters, agreement, origins, telling }
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
    return
  }
  const rows = agreement.map(({ criterion, items, raters, agreement: equal, kappa, alpha }) => [
    ...[criterion, String(items), String(raters), figure(equal), `${kappa.kind} ${figure(kappa)}`, figure(alpha)],
  ])
  const lines = [
    `raters: ${ratings.raters.join(', ')}`,
    '',
    ...textTable([['criterion', 'records', 'raters', 'equal', 'kappa', 'alpha'], ...rows]),
  ]
  if (origins.length > 0) {
    const means = origins.map((one) => [
      one.criterion,
      figure(one.generated),
      figure(one.human),
      figure(one.difference),
    ])
    lines.push('', ...textTable([['mean of 1 to 5', 'generated', 'by people', 'difference'], ...means]))
  }
  if (telling !== null) {
    const { told, unsure, right, generatedTakenForHuman } = telling
    lines.push(
      '',
      `who wrote it: told ${told} times, not told ${unsure} times`,
      `  told rightly: ${figure(right)}; 0.50 is guessing`,
      `  generated, taken for a person's: ${figure(generatedTakenForHuman)}`,
    )
  }
  process.stdout.write(plainText(`${lines.join('\n')}\n`))
}

/** E.g. `0.82 (0.71 to 0.90)`; `–` for none. */
function figure({ value, interval }: Figure): string {
  if (value === null) return '–'
  const between = interval === null ? '' : ` (${interval.low.toFixed(2)} to ${interval.high.toFixed(2)})`
  return `${value.toFixed(2)}${between}`
}
