// `valley model verify`: is a package complete, unchanged, and does it run?
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { verifyPackage } from '../model-build/verify-package.ts'
import { type CommandContext, withContext } from './context.ts'
import { byteText, durationText } from './number-text.ts'

const EXAMPLES = `
Example:
  $ valley model verify models/valley-stickers
`

/** Adds the command to the group. */
export function registerModelVerify(group: Command): void {
  group
    .command('verify')
    .summary('check a model package')
    .description(
      'Check the manifest and the size and SHA-256 of each file of a model package, and that every graph runs.',
    )
    .argument('<dir>', 'folder of the package')
    .addHelpText('after', EXAMPLES)
    .action((directory: string) => withContext((context) => verify(directory, context)))
}

async function verify(directory: string, { signal }: CommandContext): Promise<void> {
  const progress = new ProgressLine(process.stderr)
  const startedMs = performance.now()
  try {
    const { manifest, files, bytes, graphs } = await verifyPackage(
      directory,
      ({ file, bytesDone, bytesTotal }) => {
        const secondsLeft = ((performance.now() - startedMs) / 1000 / bytesDone) * (bytesTotal - bytesDone)
        const left = bytesDone === 0 ? '' : `, ${durationText(secondsLeft)} left`
        progress.show(`Reading ${file}: ${byteText(bytesDone)} of ${byteText(bytesTotal)}${left}`)
      },
      signal,
    )
    progress.clear()
    const what = `${files} files, ${byteText(bytes)}, hashes right, ${graphs.length} graphs run`
    process.stdout.write(`${manifest.name} is in order: ${what}\n`)
  } finally {
    progress.clear()
  }
}
