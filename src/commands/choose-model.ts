// Which model package a command works with.
import { basename } from 'node:path'
import type { Config } from '../config/config.ts'
import { AppError } from '../errors.ts'
import { listPackages } from '../model-package/list-packages.ts'

/**
 * The folder of the package to use: the one named, else VALLEY_MODEL, else the only one in the models folder.
 * @param named value of --model
 * @throws AppError PACKAGE_MISSING when there is none, CONFIG_INVALID when there are several to choose from. Whether a
 *   named folder holds a package is seen when it is opened.
 */
export async function chooseModel(named: string | undefined, config: Config): Promise<string> {
  if (named !== undefined) return named
  if (config.modelDirectory !== null) return config.modelDirectory
  const packages = await listPackages(config.modelsDirectory)
  const [only, ...others] = packages
  if (only === undefined) {
    throw new AppError(
      'PACKAGE_MISSING',
      `No model package in ${config.modelsDirectory}; one is needed. Get one with "valley model pull", or name its ` +
        'folder with --model or VALLEY_MODEL.',
      { details: { directory: config.modelsDirectory } },
    )
  }
  if (others.length > 0) {
    const names = packages.map(({ directory }) => basename(directory)).join(', ')
    throw new AppError(
      'CONFIG_INVALID',
      `There are ${packages.length} model packages in ${config.modelsDirectory} (${names}); one must be chosen. ` +
        'Name its folder with --model or VALLEY_MODEL.',
      { details: { packages: packages.length } },
    )
  }
  return only.directory
}
