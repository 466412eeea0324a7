// The card of a dataset: a README.md that says what is in it, where that comes from, under which licences, how it was made,
// and by which hashes its files are known. Its head is the one that the Hugging Face hub reads.
import type { DatasetCounts } from '../count-dataset.ts'

/** A file of the set. */
export interface CardFile {
  readonly name: string
  readonly byteLength: number
  readonly sha256: string
  readonly counts: DatasetCounts
}

/** Everything that a card says. */
export interface Card {
  readonly title: string
  /** SPDX identifier of the set as a whole. */
  readonly licence: string
  readonly files: readonly CardFile[]
  /** How it was made: reports of the commands that made it, by the names of their files. */
  readonly madeBy: Readonly<Record<string, unknown>>
}

/** Renders a card as Markdown. */
export function renderCard({ title, licence, files, madeBy }: Card): string {
  const configs = files.flatMap(({ name }) => [
    `      - split: ${name.replace(/\.[^.]+$/, '')}`,
    `        path: ${name}`,
  ])
  const reports = Object.entries(madeBy).flatMap(([name, report]) => [
    `### ${plainCell(name)}`,
    '',
    '```json',
    JSON.stringify(report, null, 2),
    '```',
    '',
  ])
  return [
    ...['---', `license: ${JSON.stringify(licence)}`, 'task_categories:', '  - video-text-to-text'],
    ...['configs:', '  - config_name: default', '    data_files:', ...configs, '---', ''],
    ...[`# ${plainCell(title)}`, ''],
    ...['Conversations about clips in the form of LLaVA and Valley, an object a line. The clips are not in it.', ''],
    ...['## Files', ''],
    ...['| file | records | videos | images | words alone | turns | words an answer | bytes | SHA-256 |'],
    ...['| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |'],
    ...files.map(fileRow),
    ...['', ...countTable('Tasks', files, 'tasks'), ...countTable('Sources', files, 'sources')],
    ...countTable('Licences of the clips', files, 'licences'),
    ...(reports.length === 0 ? [] : ['## How it was made', '', ...reports]),
  ].join('\n')
}

function fileRow({ name, byteLength, sha256, counts }: CardFile): string {
  const { records, videos, images, words, turns, meanAnswerWords } = counts
  const numbers = [records, videos, images, words, turns, meanAnswerWords.toFixed(1), byteLength]
  return `| ${[plainCell(name), ...numbers, `\`${sha256}\``].join(' | ')} |`
}

/** A row for each name, a column for each file; nothing where no record names any. */
function countTable(heading: string, files: readonly CardFile[], key: 'tasks' | 'sources' | 'licences'): string[] {
  const names = [...new Set(files.flatMap(({ counts }) => Object.keys(counts[key])))].toSorted()
  if (names.length === 0) return []
  const rows = names.map((name) => [plainCell(name), ...files.map(({ counts }) => counts[key][name] ?? 0)])
  return [
    ...[`## ${heading}`, ''],
    `| ${['', ...files.map(({ name }) => plainCell(name))].join(' | ')} |`,
    `| ${['---', ...files.map(() => '---:')].join(' | ')} |`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
  ]
}

/** What people named stays in its cell and line. */
function plainCell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[|<>`]/g, (sign) => `\\${sign}`)
}
