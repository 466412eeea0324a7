// The role that a process is started in, from its arguments.
import { parseArgs } from 'node:util'
import type { Role } from '../config/roles.ts'
import { ROLES } from '../config/settings-schema.ts'
import { AppError } from '../errors.ts'

/** @returns undefined when none is named @throws AppError CONFIG_INVALID for another one, or other arguments */
export function parseRole(cliArguments: readonly string[]): Role | undefined {
  try {
    const { values } = parseArgs({ args: [...cliArguments], options: { role: { type: 'string' } } })
    return values.role === undefined ? undefined : checkRole(values.role)
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError(
      'CONFIG_INVALID',
      `Wrong arguments (${(error as Error).message}); only --role is allowed. Write e.g. --role engine.`,
      { cause: error },
    )
  }
}

/** The role of a name. @throws AppError CONFIG_INVALID */
export function checkRole(name: string): Role {
  const role = ROLES.find((one) => one === name)
  if (role !== undefined) return role
  throw new AppError(
    'CONFIG_INVALID',
    `--role is ${JSON.stringify(name)}; allowed are ${ROLES.join(', ')}. Choose one of them.`,
  )
}
