// What `valley doctor` looks at: one function a matter, each giving one or more findings with a remedy for each problem.
import { basename } from 'node:path'
import { type Config, loadConfig } from '../config/config.ts'
import type { PlatformFinding } from '../conversation/platform-finding.ts'
import { AppError } from '../errors.ts'
import { listPackages } from '../model-package/list-packages.ts'
import type { ModelManifest } from '../model-package/manifest.ts'
import { readPackage, totalBytes } from '../model-package/open-package.ts'
import { verifyFiles } from '../model-package/verify-files.ts'
import { type ProviderProbe, probeProviders } from '../onnx/providers.ts'
import { readFfmpegVersion } from '../video/ffmpeg-version.ts'
import { videoToolsOf } from './video-tools.ts'

/** One line of the report; what is said of platforms has the same form. */
export interface Finding extends PlatformFinding {
  /** True when `valley ask` cannot work as long as this is a problem. */
  readonly needed: boolean
}

const OLDEST_NODE = { major: 20, minor: 18 } as const
/** ONNX Runtime, Node and one clip's frames beside the weights. */
const MEMORY_BESIDE_WEIGHTS_BYTES = 512 * 1024 * 1024

/** Node's version against the oldest one that is supported. */
export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNewEnough = major > OLDEST_NODE.major || (major === OLDEST_NODE.major && minor >= OLDEST_NODE.minor)
  const finding = { matter: 'Node', seen: version, needed: true }
  if (isNewEnough) return { ...finding, state: 'ok' }
  const oldest = `${OLDEST_NODE.major}.${OLDEST_NODE.minor}`
  return { ...finding, state: 'problem', remedy: `Install Node ${oldest} or later (https://nodejs.org).` }
}

/** The settings of the environment. */
export function checkConfig(): { readonly config: Config | null; readonly finding: Finding } {
  try {
    const config = loadConfig()
    const file =
      config.configFile === null ? 'the environment; there is no file' : `${config.configFile} and the environment`
    return { config, finding: { state: 'ok', matter: 'settings', seen: `read from ${file}`, needed: true } }
  } catch (error) {
    return { config: null, finding: problem('settings', error) }
  }
}

/** ffmpeg and ffprobe, whether they run and how old they are. */
export async function checkFfmpeg(config: Config, signal?: AbortSignal): Promise<Finding> {
  try {
    const { ffmpeg, ffprobe, isSupported } = await readFfmpegVersion(videoToolsOf(config), signal)
    const finding = { matter: 'ffmpeg', seen: `ffmpeg ${ffmpeg}, ffprobe ${ffprobe}`, needed: true }
    if (isSupported) return { ...finding, state: 'ok' }
    return { ...finding, state: 'problem', remedy: 'Install ffmpeg 5.1 or later, or set FFMPEG_PATH and FFPROBE_PATH.' }
  } catch (error) {
    signal?.throwIfAborted()
    return problem('ffmpeg', error)
  }
}

/** Execution providers by really opening a session with each, and which of them the model computes on. */
export async function checkProviders({ device }: Pick<Config, 'device'>): Promise<Finding[]> {
  const probes = await probeProviders()
  const gpu = probes.find(({ name }) => name === 'webgpu') ?? { opens: false, reason: 'this system has none' }
  return [...probes.map(providerFinding), deviceFinding(device, gpu)]
}

function providerFinding({ name, opens, reason }: ProviderProbe): Finding {
  const matter = `provider ${name}`
  if (opens) return { state: 'ok', matter, seen: 'opens', needed: name === 'cpu' }
  if (name !== 'cpu') return { state: 'off', matter, seen: `does not open: ${reason}`, needed: false }
  return { state: 'problem', matter, seen: reason, remedy: 'Install the packages again: npm ci', needed: true }
}

function deviceFinding(device: Config['device'], gpu: Pick<ProviderProbe, 'opens' | 'reason'>): Finding {
  const finding = { matter: 'device', needed: true }
  if (device === 'cpu') return { ...finding, state: 'ok', seen: 'cpu, as device is set' }
  if (gpu.opens) return { ...finding, state: 'ok', seen: 'webgpu, since a GPU opens' }
  if (device === 'auto') return { ...finding, state: 'ok', seen: 'cpu, since no GPU opens' }
  const remedy = 'Install the driver of the GPU, or set device to auto.'
  return { ...finding, state: 'problem', seen: `no GPU opens, and device is webgpu: ${gpu.reason}`, remedy }
}

/** Every model package with its hashes, whether its weights fit the free memory, and which one is used. */
export async function checkPackages(config: Config, signal?: AbortSignal): Promise<Finding[]> {
  const chosen = config.modelDirectory
  const listed = await listPackages(config.modelsDirectory)
  const directories = new Set(listed.map(({ directory }) => directory))
  if (chosen !== null) directories.add(chosen)
  if (directories.size === 0) {
    const remedy = 'Get one with "valley model pull", or set VALLEY_MODEL or VALLEY_MODELS_DIR.'
    const seen = `none in ${config.modelsDirectory}`
    return [{ state: 'problem', matter: 'model packages', seen, remedy, needed: true }]
  }
  const findings: Finding[] = []
  for (const directory of directories) {
    findings.push(...(await checkPackage(directory, chosen === null || chosen === directory, signal)))
  }
  if (chosen === null && directories.size > 1) {
    const seen = `none of the ${directories.size} is chosen, so each command needs --model`
    findings.push({ state: 'off', matter: 'default model', seen, remedy: 'Set VALLEY_MODEL.', needed: false })
  }
  return findings
}

async function checkPackage(directory: string, needed: boolean, signal?: AbortSignal): Promise<Finding[]> {
  const matter = `model ${basename(directory)}`
  try {
    const modelPackage = await readPackage(directory)
    await verifyFiles(modelPackage, undefined, signal)
    const { files, precision } = modelPackage.manifest
    const seen = `${Object.keys(files).length} files of ${precision} with right hashes`
    return [{ state: 'ok', matter, seen, needed }, checkMemory(matter, modelPackage.manifest)]
  } catch (error) {
    signal?.throwIfAborted()
    return [{ ...problem(matter, error), needed }]
  }
}

function checkMemory(matter: string, manifest: ModelManifest): Finding {
  const freeBytes = process.availableMemory()
  const neededBytes = totalBytes(manifest) + MEMORY_BESIDE_WEIGHTS_BYTES
  const seen = `${mebibytes(freeBytes)} free, about ${mebibytes(neededBytes)} needed`
  const finding = { matter: `memory for ${matter}`, seen, needed: false }
  if (freeBytes >= neededBytes) return { ...finding, state: 'ok' }
  return { ...finding, state: 'problem', remedy: 'End other programs, or build the model with a smaller --precision.' }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / (1024 * 1024))} MiB`
}

/** An AppError says what to do in the last sentence of its message. */
/** What an error says, as a finding. @throws what is no AppError */
export function problem(matter: string, error: unknown): Finding {
  if (!(error instanceof AppError)) throw error
  const end = error.message.lastIndexOf('. ') + 1
  const seen = `${error.code}: ${error.message.slice(0, end)}`
  return { state: 'problem', matter, seen, remedy: error.message.slice(end).trim(), needed: true }
}
