// Where things lie, seen from the setup scripts. They run as they stand, before anything is installed or built.
import { fileURLToPath } from 'node:url'

/** Root of the repository, with a slash at its end. */
export const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Absolute path of something in the repository.
 * @param {string} relative from its root
 */
export function projectPath(relative) {
  return `${PROJECT_ROOT}${relative}`
}
