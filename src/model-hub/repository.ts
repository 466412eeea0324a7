// What the hub says of a repository: its commit, its licence, and every file with size and hash.
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { isSafeFileName } from '../model-package/file-name.ts'
import type { RetryOptions } from '../retry.ts'
import type { Hub } from './hub-access.ts'
import { misbehaviour } from './hub-errors.ts'
import { hubFetch } from './hub-fetch.ts'

/** A hash that the hub lists: SHA-256 for large files, otherwise what git calls a blob's id. */
export interface FileHash {
  readonly algorithm: 'sha256' | 'git-blob-sha1'
  /** Hexadecimal. */
  readonly value: string
}

/** One file of a repository. */
export interface RepositoryFile {
  /** Relative, forward slashes, stays inside any folder. */
  readonly path: string
  readonly bytes: number
  readonly hash: FileHash
}

/** A repository at one commit. */
export interface Repository {
  /** `owner/name` */
  readonly name: string
  /** The commit, 40 hexadecimal digits: what is downloaded cannot change on the way. */
  readonly revision: string
  /** As its model card says; null where it does not. */
  readonly licence: string | null
  /** Where the card says that the licence stands; https only. */
  readonly licenceLink: string | null
  readonly files: readonly RepositoryFile[]
}

const MAX_FILES = 10_000
const text = z.string().max(300)
const infoSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  cardData: z
    .object({
      license: z.union([text, z.array(text)]).nullish(),
      license_name: text.nullish(),
      license_link: text.nullish(),
    })
    .nullish(),
})
const entrySchema = z.object({
  path: z.string(),
  size: z.int().nonnegative(),
  oid: z.string().regex(/^[0-9a-f]{40}$/),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() }).nullish(),
})

/**
 * A repository's name from what a person gives: `owner/name`, or the address of its page.
 * @throws AppError CONFIG_INVALID
 */
export function repositoryName(given: string): string {
  const name = given.replace(/^https?:\/\/[^/]+\//, '').replace(/\/(?:tree\/main\/?)?$/, '')
  const part = /^[A-Za-z0-9][\w.-]{0,95}$/
  const parts = name.split('/')
  if (parts.length === 2 && parts.every((one) => part.test(one) && !one.includes('..'))) return name
  throw new AppError(
    'CONFIG_INVALID',
    `${JSON.stringify(given)} is no repository; owner/name is allowed, like llava-hf/llava-onevision-qwen2-0.5b-ov-hf. Copy it from the model's page.`,
    { details: { repository: given } },
  )
}

/**
 * Reads what the hub says of a repository.
 * @param revision branch, tag or commit
 * @throws AppError HUB_*; DOWNLOAD_CORRUPT for a listing that cannot be; signal.reason when aborted
 */
export async function readRepository(
  hub: Hub,
  name: string,
  revision: string,
  retry: RetryOptions = {},
): Promise<Repository> {
  // Loaded here: it takes a quarter of a second, and most commands need no hub.
  const { listFiles, modelInfo } = await import('@huggingface/hub')
  const hubUrl = hub.endpoint.href.replace(/\/+$/, '')
  const fetch = hubFetch(hub, `the list of files of ${name}`, retry)
  const { host } = hub.endpoint
  const { sha, cardData } = await understood(host, async () =>
    infoSchema.parse(await modelInfo({ name, revision, hubUrl, fetch, additionalFields: ['sha', 'cardData'] })),
  )
  const files: RepositoryFile[] = []
  await understood(host, async () => {
    const repo = { type: 'model', name } as const
    for await (const entry of listFiles({ repo, revision: sha, recursive: true, hubUrl, fetch })) {
      if (entry.type !== 'file') continue
      if (files.length === MAX_FILES) throw misbehaviour(`lists more than ${MAX_FILES} files for ${name}`, host)
      files.push(readEntry(name, entry))
    }
  })
  return { name, revision: sha, ...licenceOf(cardData ?? {}), files }
}

/** Runs what reads the hub's JSON; what does not look as it should is the hub's misbehaviour. */
async function understood<Result>(host: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || error instanceof TypeError) {
      throw misbehaviour('answers with something that is not what the Hugging Face hub says', host)
    }
    throw error
  }
}

function readEntry(name: string, entry: unknown): RepositoryFile {
  const parsed = entrySchema.safeParse(entry)
  const { path } = entry as { path?: unknown }
  if (!parsed.success) throw impossible(name, `${JSON.stringify(path)} without a size and a hash that can be read`)
  const { size, oid, lfs } = parsed.data
  if (!isSafeFileName(parsed.data.path)) {
    throw impossible(name, `${JSON.stringify(path)}, a name that leads out of the folder`)
  }
  return lfs == null
    ? { path: parsed.data.path, bytes: size, hash: { algorithm: 'git-blob-sha1', value: oid } }
    : { path: parsed.data.path, bytes: lfs.size, hash: { algorithm: 'sha256', value: lfs.oid } }
}

function impossible(name: string, seen: string): AppError {
  return new AppError(
    'DOWNLOAD_CORRUPT',
    `The list of files of ${name} holds ${seen}; plain relative names with size and hash are allowed. Nothing was downloaded: choose another repository or another mirror (HF_ENDPOINT).`,
    { details: { repository: name } },
  )
}

function licenceOf(
  card: NonNullable<z.infer<typeof infoSchema>['cardData']>,
): Pick<Repository, 'licence' | 'licenceLink'> {
  const stated = [card.license ?? []].flat().join(', ')
  // The hub writes "other" where the name says which.
  const licence = stated === 'other' ? (card.license_name ?? stated) : stated
  const link = card.license_link ?? ''
  return { licence: licence === '' ? null : licence, licenceLink: /^https:\/\/\S+$/.test(link) ? link : null }
}
