// A GPU in software for the tests: SwiftShader, which Debian's package of Chromium's common files carries with the Vulkan
// loader. Three files of it are unpacked under .cache; nothing is installed, and nothing but the tests looks there.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { projectPath } from './paths.mjs'
import { runTool } from './run-tool.mjs'
import { say, step } from './say.mjs'
import { isSystemError } from './system-error.mjs'

const PACKAGE = 'chromium-common'
const FOLDER_IN_PACKAGE = 'usr/lib/chromium'
/** The driver, the loader, and the file that names the driver to the loader. */
const FILES = ['libvk_swiftshader.so', 'libvulkan.so.1', 'vk_swiftshader_icd.json']
/** Where they lie. */
export const SOFTWARE_GPU_FOLDER = projectPath('.cache/software-gpu')

/** Tells whether all files are there. */
export function hasSoftwareGpu() {
  return FILES.every((file) => existsSync(join(SOFTWARE_GPU_FOLDER, file)))
}

/**
 * What a process needs in its environment, from its start, to see the software GPU and no other; empty without one.
 * @returns {Record<string, string>}
 */
export function softwareGpuEnvironment() {
  if (!hasSoftwareGpu()) return {}
  return {
    VK_ICD_FILENAMES: join(SOFTWARE_GPU_FOLDER, 'vk_swiftshader_icd.json'),
    LD_LIBRARY_PATH: SOFTWARE_GPU_FOLDER,
    // The loader complains where there is none; nothing is put there.
    XDG_RUNTIME_DIR: SOFTWARE_GPU_FOLDER,
  }
}

/**
 * Fetches the software GPU where that can be done: on Debian, for processors that its Chromium is built for. Elsewhere it
 * says so and why, and the tests take a real GPU if one opens.
 */
export async function ensureSoftwareGpu() {
  if (hasSoftwareGpu() || process.platform !== 'linux') return
  const problem = await step('Fetching a software GPU for the tests (apt-get)', fetchFiles)
  if (problem === null) return
  say(`Without a software GPU (${problem}): the tests of GPUs run where a real one opens, and only say so elsewhere.`)
}

/** @returns {Promise<string | null>} why it could not be had; null when it is there */
async function fetchFiles() {
  mkdirSync(projectPath('.cache'), { recursive: true })
  const work = mkdtempSync(projectPath('.cache/software-gpu-'))
  try {
    // The lists of packages may be there already, and root is only needed to fetch them.
    if (!(await download(work))) {
      await runTool('apt-get', ['-q', 'update']).catch((error) => {
        if (!isSystemError(error, 'ENOENT')) throw error // no apt here, which the next line says
      })
      if (!(await download(work))) return `apt-get gives no ${PACKAGE}`
    }
    const deb = readdirSync(work).find((name) => name.endsWith('.deb')) ?? ''
    const unpacked = join(work, 'unpacked')
    const { status, output } = await runTool('dpkg-deb', ['--extract', join(work, deb), unpacked])
    if (status !== 0) return `dpkg-deb: ${output.trim()}`
    mkdirSync(SOFTWARE_GPU_FOLDER, { recursive: true })
    for (const file of FILES) {
      const from = join(unpacked, FOLDER_IN_PACKAGE, file)
      if (!existsSync(from)) return `${PACKAGE} holds no ${file}`
      renameSync(from, join(SOFTWARE_GPU_FOLDER, file))
    }
    return null
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** @param {string} folder that the package is put into */
async function download(folder) {
  // The package is put where the program stands.
  const { status } = await runTool('sh', ['-c', 'cd "$0" && apt-get -q download "$1"', folder, PACKAGE])
  return status === 0
}
