// `valley data card`: the card of a dataset.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { type CardFile, renderCard } from '../data/card/render-card.ts'
import { countDataset } from '../data/count-dataset.ts'
import { dataError, fileErrorText } from '../data/data-error.ts'
import { contentHash } from '../data/file-content.ts'
import { readDataset } from '../data/read-dataset.ts'
import { SPLITS } from '../data/splits/write-splits.ts'
import { withContext } from './context.ts'
import { tellLeftOut } from './data-options.ts'

interface CardOptions {
  readonly title?: string
  readonly licence: string
  readonly madeBy: readonly string[]
}

const EXAMPLES = `
Example:
  $ valley data align clips.csv all.jsonl --json align.json
  $ valley data split all.jsonl my-set
  $ valley data card my-set --licence cc-by-4.0 --made-by align.json
`

/** Adds the command to the group. */
export function registerDataCard(group: Command): void {
  group
    .command('card')
    .summary('write the card of a dataset')
    .description(
      'Write README.md beside the .jsonl files of a folder: counts, sources, licences, hashes, how it was made.',
    )
    .argument('<folder>', 'folder with .jsonl files')
    .option('--title <title>', 'name of the set (default: of the folder)')
    .option('--licence <id>', 'licence of the set, an SPDX identifier', 'other')
    .option('--made-by <files...>', 'JSON reports of the commands that made it, or recipes as JSON', [])
    .addHelpText('after', EXAMPLES)
    .action((folder: string, options: CardOptions) => withContext(() => writeCard(folder, options)))
}

async function writeCard(folder: string, { title, licence, madeBy }: CardOptions): Promise<void> {
  const names = await readNames(folder)
  const leftOut = tellLeftOut()
  const files: CardFile[] = []
  for (const name of names) {
    const path = join(folder, name)
    const counts = await countDataset(readDataset({ file: path, layout: 'llava', clipsFolder: null }, leftOut))
    const sha256 = await contentHash(path)
    if (sha256 === null) throw dataError(`${path} went away while it was read; it is needed. Run it again.`)
    files.push({ name, byteLength: (await stat(path)).size, sha256, counts })
  }
  const reports = await Promise.all(madeBy.map(async (file) => [basename(file), await readJson(file)] as const))
  const card = renderCard({
    title: title ?? basename(resolve(folder)),
    licence,
    files,
    madeBy: Object.fromEntries(reports),
  })
  const path = join(folder, 'README.md')
  try {
    await writeFile(path, card)
  } catch (cause) {
    throw dataError(`${path} cannot be written (${fileErrorText(cause)}). Correct the folder's permissions.`, cause)
  }
  process.stdout.write(
    `${path}: ${files.length} files, ${files.reduce((sum, { counts }) => sum + counts.records, 0)} records\n`,
  )
}

/** The parts in their usual order, then others. */
async function readNames(folder: string): Promise<string[]> {
  let names: string[]
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl') && !name.endsWith('.rejected.jsonl'))
  } catch (cause) {
    throw dataError(`The folder ${folder} cannot be read (${fileErrorText(cause)}). Correct its name.`, cause)
  }
  if (names.length === 0)
    throw dataError(`The folder ${folder} has no .jsonl file; one is needed. Name the folder of a set.`)
  const place = (name: string) => SPLITS.findIndex((split) => name === `${split}.jsonl`)
  const known = names.filter((name) => place(name) >= 0)
  return [...known.toSorted((a, b) => place(a) - place(b)), ...names.filter((name) => !known.includes(name)).toSorted()]
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    const seen = cause instanceof SyntaxError ? cause.message : fileErrorText(cause)
    throw dataError(`${file} cannot be read as JSON (${seen}). Name a report by --made-by.`, cause)
  }
}
