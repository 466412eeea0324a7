// From a repository on the hub to a verified package: look, agree, make sure of the room, download, build, verify. Every step
// leaves what the next run needs, so that a second run goes on where the first stopped.
import { readFile, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { AppError } from '../errors.ts'
import type { Precision } from '../model-build/precision.ts'
import { packageNameOf } from '../model-build/pulled-checkpoint.ts'
import { mendFolder } from '../model-build/replace-folder.ts'
import { type VerifiedPackage, verifyPackage } from '../model-build/verify-package.ts'
import { type CatalogueModel, findModel } from '../model-hub/catalogue.ts'
import { smallFiles } from '../model-hub/choose-files.ts'
import { requireRoom, writeFailure } from '../model-hub/disk-space.ts'
import { downloadFile } from '../model-hub/download-file.ts'
import { downloadFiles, missingBytes } from '../model-hub/download-files.ts'
import type { Hub } from '../model-hub/hub-access.ts'
import { isRestricted, licenceSummary } from '../model-hub/licence.ts'
import { type Repository, readRepository } from '../model-hub/repository.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import { readPackage } from '../model-package/open-package.ts'
import { byteText, durationText } from './number-text.ts'
import { type CheckpointWishes, chooseSource, type PullSource } from './pull-source.ts'

/** What a person asked for. */
export interface PullRequest {
  /** `owner/name` */
  readonly repository: string
  readonly revision: string
  /** Null: what the catalogue says, else by size. */
  readonly precision: Precision | null
  /** Null: the package's name in the models folder. */
  readonly outputDirectory: string | null
  readonly keepCheckpoint: boolean
  /** How it is built where it is a checkpoint. */
  readonly checkpoint: CheckpointWishes
  /** Graphs that others exported are taken, and not the checkpoint. */
  readonly asksForGraphs: boolean
}

/** What a pull works with. */
export interface PullContext {
  readonly hub: Hub
  readonly modelsDirectory: string
  readonly catalogue: readonly CatalogueModel[]
  /** Asks about a restricted licence; throws when nobody agrees. */
  readonly agree: (summary: string, licenceText: string | null) => Promise<void>
  /** A line that stays. */
  readonly say: (line: string) => void
  /** A line that the next one replaces. */
  readonly progress: (line: string) => void
  readonly signal: AbortSignal
}

/** How it ended. */
export interface PulledPackage {
  readonly directory: string
  readonly manifest: ModelManifest
  /** Null when the package was there already. */
  readonly verified: VerifiedPackage | null
}

/** Hidden from the list of packages by its dot. */
const DOWNLOADS_FOLDER = '.downloads'
/** A licence longer than this is not printed. */
const MAX_LICENCE_BYTES = 100_000

/**
 * Pulls a model.
 * @throws AppError HUB_*, DOWNLOAD_CORRUPT, DISK_FULL, LICENCE_NOT_ACCEPTED, CHECKPOINT_*, PACKAGE_*, CONFIG_INVALID;
 *   signal.reason when aborted
 */
export async function pullPackage(request: PullRequest, context: PullContext): Promise<PulledPackage> {
  const { hub, signal, say } = context
  const repository = await readRepository(hub, request.repository, request.revision, { signal })
  const directory = resolve(request.outputDirectory ?? join(context.modelsDirectory, packageNameOf(request.repository)))
  // Before the room on the disk is asked for: what a killed pull left may take as much as the package.
  await mendFolder(directory)
  const there = await packageThere(directory, repository, request)
  const asked = request.precision ?? findModel(context.catalogue, repository.name)?.precision ?? null
  if (
    there !== null &&
    there.source.revision === repository.revision &&
    there.precision === (asked ?? there.precision)
  ) {
    return { directory, manifest: there, verified: null }
  }

  const source = chooseSource(repository, request.asksForGraphs, request.checkpoint)
  // The folder of the checkpoint has the repository's name, which may say what it is.
  const downloads = join(dirname(directory), DOWNLOADS_FOLDER, repository.name.replace('/', '--'))
  const checkpoint = join(downloads, repository.revision, basename(repository.name))
  if (isRestricted(repository.licence)) {
    const text = await licenceText(hub, repository, checkpoint, signal)
    await context.agree(licenceSummary(repository, hub.endpoint), text)
  }
  const precision = await download(repository, source, checkpoint, asked, context)
  const manifest = await build(repository, source, checkpoint, directory, precision, context)
  say(`Built ${manifest.name} (${manifest.precision}) in ${directory}`)
  const verified = await verifyPackage(
    directory,
    ({ file, bytesDone, bytesTotal }) =>
      context.progress(`Reading ${file}: ${byteText(bytesDone)} of ${byteText(bytesTotal)}`),
    signal,
  )
  if (!request.keepCheckpoint) await rm(downloads, { recursive: true, force: true })
  return { directory, manifest, verified }
}

/** The package that stands at the goal now; null for none. Another model's package is not replaced unasked. */
async function packageThere(
  directory: string,
  { name }: Repository,
  { outputDirectory }: PullRequest,
): Promise<ModelManifest | null> {
  const there = await readPackage(directory).catch((error: unknown) => {
    // A broken one is built anew.
    if (error instanceof AppError) return null
    throw error
  })
  const source = there?.manifest.source.repository
  if (source !== undefined && source !== name && outputDirectory === null) {
    throw new AppError(
      'CONFIG_INVALID',
      `${directory} holds the package of ${source}; one of ${name} is to go there. Name another folder with --out.`,
      { details: { directory } },
    )
  }
  return there?.manifest ?? null
}

async function licenceText(
  hub: Hub,
  repository: Repository,
  directory: string,
  signal: AbortSignal,
): Promise<string | null> {
  const file = smallFiles(repository).find(({ path, bytes }) => /^LICEN[CS]E/.test(path) && bytes <= MAX_LICENCE_BYTES)
  if (file === undefined) return null
  const path = join(directory, file.path)
  await downloadFile(hub, repository, file, path, { signal })
  return readFile(path, 'utf8')
}

/** Everything small first: it says whether the rest is worth fetching. */
async function download(
  repository: Repository,
  source: PullSource,
  directory: string,
  asked: Precision | null,
  { hub, say, progress, signal }: PullContext,
): Promise<Precision> {
  const onProgress: Parameters<typeof downloadFiles>[4] = {
    signal,
    onProgress: ({ file, bytesDone, bytesTotal, bytesPerSecond, secondsLeft }) => {
      const speed = bytesPerSecond === null ? '' : `, ${byteText(bytesPerSecond)}/s`
      const left = secondsLeft === null ? '' : `, ${durationText(secondsLeft)} left`
      progress(`Downloading ${file}: ${byteText(bytesDone)} of ${byteText(bytesTotal)}${speed}${left}`)
    },
  }
  const small = smallFiles(repository)
  await downloadFiles(hub, repository, small, directory, onProgress)
  await source.check(directory)

  const precision = asked ?? (await source.usualPrecision(repository, directory))
  const weights = await source.largeFiles(repository, directory, precision)
  const weightBytes = weights.reduce((sum, { bytes }) => sum + bytes, 0)
  const missing = await missingBytes(weights, directory)
  await requireRoom(
    directory,
    missing + source.packageBytes(weightBytes, precision),
    `The download (${byteText(missing)}) and the ${precision} package of ${repository.name}`,
  )
  const files = `${small.length + weights.length} files`
  const licence = repository.licence ?? 'not stated'
  say(
    `${repository.name} at ${repository.revision.slice(0, 7)}: ${files}, ${byteText(missing)} to download, licence ${licence}`,
  )
  await downloadFiles(hub, repository, weights, directory, onProgress)
  return precision
}

async function build(
  repository: Repository,
  source: PullSource,
  directory: string,
  outputDirectory: string,
  precision: Precision,
  { progress, signal }: PullContext,
): Promise<ModelManifest> {
  const origin = { repository: repository.name, revision: repository.revision, licence: repository.licence }
  try {
    return await source.build({
      directory,
      outputDirectory,
      precision,
      origin,
      onProgress: ({ bytesDone, bytesTotal, secondsLeft = null }) => {
        const left = secondsLeft === null ? '' : `, ${durationText(secondsLeft)} left`
        const what = bytesDone === bytesTotal ? 'Finishing the package, after writing' : 'Writing weights'
        progress(`${what} ${byteText(bytesDone)} of ${byteText(bytesTotal)}${left}`)
      },
      signal,
    })
  } catch (error) {
    throw writeFailure(error, outputDirectory)
  }
}
