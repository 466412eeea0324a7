// Whether this machine has a Vulkan driver at all. On Linux a GPU is reached by Vulkan alone, whose loader finds drivers by
// small files in known folders. Looking there takes no time; opening a GPU to find none takes a third of a second.
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Variables that name drivers beside those folders. */
const VARIABLES = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES'] as const
/** The loader's own, less those that no distribution uses; the last is that of NixOS. */
const FOLDERS = [
  '/etc/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  '/usr/share/vulkan/icd.d',
  '/run/opengl-driver/share/vulkan/icd.d',
]

/** Where drivers are looked for; default where the loader looks. */
export interface DriverPlaces {
  readonly platform?: NodeJS.Platform
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly folders?: readonly string[]
}

/** True when no GPU can open, because no driver is installed. Only Linux can tell. */
export async function lacksDriver({
  platform = process.platform,
  environment = process.env,
  folders = [...FOLDERS, join(environment.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'vulkan/icd.d')],
}: DriverPlaces = {}): Promise<boolean> {
  if (platform !== 'linux') return false
  if (VARIABLES.some((name) => (environment[name] ?? '') !== '')) return false
  const listed = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])))
  return !listed.flat().some((name) => name.endsWith('.json'))
}
