// `valley model verify`: is a package complete, unchanged, and does it run?
import type { Command } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { qualityText, requireFloor } from '../model-build/quality/quality-floor.ts'
import { verifyPackage } from '../model-build/verify-package.ts'
import { type CommandContext, withContext } from './context.ts'
import { byteText, durationText } from './number-text.ts'

const EXAMPLES = `
Example:
  $ valley model verify models/valley-sticker-world
`

/** Adds the command to the group. */
export function registerModelVerify(group: Command): void {
  group
    .command('verify')
    .summary('check a model package')
    .description(
      'Check the size and SHA-256 of each file of a model package, that every graph runs, and what it has kept of its checkpoint.',
    )
    .argument('<dir>', 'folder of the package')
    .addHelpText('after', EXAMPLES)
    .option('--allow-loss', 'pass a package that is measured to lose more than its precision explains')
    .action((directory: string, { allowLoss = false }: { allowLoss?: boolean }) =>
      withContext((context) => verify(directory, allowLoss, context)),
    )
}

async function verify(directory: string, allowLoss: boolean, { signal }: CommandContext): Promise<void> {
  const progress = new ProgressLine(process.stderr)
  const startedMs = performance.now()
  try {
    const { manifest, files, bytes, graphs, quality } = await verifyPackage(
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
    if (quality !== null) process.stdout.write(`Against the checkpoint in fp32: ${qualityText(quality)}\n`)
    if (quality !== null && !allowLoss) requireFloor(manifest.name, quality, manifest.precision)
    process.stdout.write(`${manifest.name} is in order: ${what}\n`)
  } finally {
    progress.clear()
  }
}
