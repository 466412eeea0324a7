// What the program knows of itself before settings are read.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds package.json: the sources run from src/, the build from dist/src/. */
export function installationDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory)
    if (parent === directory) return process.cwd()
    directory = parent
  }
  return directory
}

/** The version in package.json. */
export function readVersion(): string {
  const { version } = JSON.parse(readFileSync(join(installationDirectory(), 'package.json'), 'utf8')) as {
    version: string
  }
  return version
}

/** True when the operator looks for a fault; works whatever else is wrong with the settings. */
export function wantsStacks(environment: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return environment.VALLEY_LOG_LEVEL === 'debug' || environment.VALLEY_LOG_LEVEL === 'trace'
}
