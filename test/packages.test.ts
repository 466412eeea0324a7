// What npm installs, held against the lockfile: exact versions, a hash of each package, nothing from anywhere but the
// registry, and no script of a package that runs at its installation.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PROJECT_ROOT } from './helpers/source-files.ts'

interface LockedPackage {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
}

/** How npm marks what is for development alone. */
const DEVELOPMENT = 'cdx:npm:package:development'
const read = (path: string) => readFileSync(join(PROJECT_ROOT, path), 'utf8')
const project = JSON.parse(read('package.json')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly overrides: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly allowScripts: Readonly<Record<string, boolean>>
}
const { '': root, ...locked } = (JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> })
  .packages
const packages = Object.entries(locked)

describe('packages of npm', () => {
  it('are asked for in exact versions', () => {
    const { dependencies, devDependencies, optionalDependencies = {}, overrides } = project
    const wanted = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides })
    expect(wanted.length).toBeGreaterThan(20)
    expect(wanted.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  })

  it('have a hash each in the lockfile, and come from the registry alone', () => {
    expect(root).toBeDefined()
    expect(packages.length).toBeGreaterThan(100)
    const unhashed = packages.filter(([, { integrity = '' }]) => !/^sha512-/.test(integrity))
    // The linter's programs for systems that it was not installed on; SECURITY.md says so.
    expect(unhashed.filter(([path, { dev }]) => dev !== true || !path.includes('@biomejs/cli-'))).toEqual([])
    expect(packages.filter(([, { resolved, link }]) => resolved !== undefined || link === true)).toEqual([])
  })

  it('are listed by `npm run sbom`, all that Valley runs with', () => {
    const sbom = JSON.parse(execFileSync('npm', ['run', '-s', 'sbom'], { cwd: PROJECT_ROOT, encoding: 'utf8' })) as {
      readonly bomFormat: string
      readonly components: readonly {
        readonly name: string
        readonly version: string
        readonly properties: readonly { readonly name: string }[]
      }[]
    }
    expect(sbom.bomFormat).toBe('CycloneDX')
    const shipped = sbom.components.filter(({ properties }) => !properties.some(({ name }) => name === DEVELOPMENT))
    const listed = new Set(shipped.map(({ name, version }) => `${name} ${version}`))
    const wanted = Object.entries(project.dependencies).map(([name, version]) => `${name} ${version}`)
    expect(wanted.filter((one) => !listed.has(one))).toEqual([])
  })

  it('that have a script for their installation are listed by name, and none of them may run it', () => {
    const scripted = packages.flatMap(([path, { hasInstallScript }]) =>
      hasInstallScript === true ? [path.split('node_modules/').at(-1)!] : [],
    )
    const { allowScripts } = project
    expect(Object.keys(allowScripts).toSorted()).toEqual([...new Set(scripted)].toSorted())
    expect(Object.values(allowScripts).every((mayRun) => !mayRun)).toBe(true)
    // npm 10, which does not know that list, is told so for all of them.
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m)
  })
})
