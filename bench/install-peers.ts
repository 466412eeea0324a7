// Installs the programs that Valley is measured against, beside package.json of bench/peers. Their install scripts are not
// run (they would download from outside the registry); the native parts that they need are named here instead.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const FOLDER = join(import.meta.dirname, 'peers')
const PLATFORM = `${process.platform === 'darwin' ? 'darwin' : process.platform}-${process.arch}`
const NATIVE_PARTS: Readonly<Record<string, readonly string[]>> = {
  'linux-x64': [
    '@node-llama-cpp/linux-x64@3.22.1',
    '@img/sharp-linux-x64@0.35.5',
    '@img/sharp-libvips-linux-x64@1.3.4',
  ],
  'linux-arm64': [
    '@node-llama-cpp/linux-arm64@3.22.1',
    '@img/sharp-linux-arm64@0.35.5',
    '@img/sharp-libvips-linux-arm64@1.3.4',
  ],
  'darwin-arm64': [
    '@node-llama-cpp/mac-arm64-metal@3.22.1',
    '@img/sharp-darwin-arm64@0.35.5',
    '@img/sharp-libvips-darwin-arm64@1.3.4',
  ],
}
const FLAGS = ['--no-save', '--no-package-lock', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund']

/** Installs what is missing. @throws Error with npm's output when the registry gives it not */
export async function installPeers(): Promise<void> {
  if (existsSync(join(FOLDER, 'node_modules/node-llama-cpp')) && existsSync(join(FOLDER, 'node_modules/sharp'))) return
  const parts = NATIVE_PARTS[PLATFORM]
  if (parts === undefined)
    throw new Error(`No peers are known for ${PLATFORM}; known are ${Object.keys(NATIVE_PARTS)}.`)
  console.error('Installing the peers into bench/peers (about 600 MB, once)...')
  await promisify(execFile)('npm', ['install', ...FLAGS, ...parts], { cwd: FOLDER })
}
