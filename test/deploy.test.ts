// What is handed to operators, held against the program: dashboard and alerts name numbers that exist, the run book has
// cause and remedy of each alert, and container and service give no right that is not needed.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { settingsSchema } from '../src/config/settings-schema.ts'
import { Metrics } from '../src/monitoring/metrics.ts'
import { ProgramState } from '../src/monitoring/program-state.ts'
import { PROJECT_ROOT } from './helpers/source-files.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
}

const read = (path: string) => readFileSync(join(PROJECT_ROOT, path), 'utf8')
const dashboard = JSON.parse(read('deploy/grafana-dashboard.json')) as {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[]
}
const rules = (parse(read('deploy/prometheus-alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
)

/** Names of numbers in expressions; a histogram has three further ones each. */
function numbersIn(expressions: readonly string[]): string[] {
  const names = expressions.flatMap((expr) => expr.match(/\b(?:valley|process|nodejs)_\w+/g) ?? [])
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, '')))]
}

async function knownNumbers(): Promise<Set<string>> {
  const text = await new Metrics(new ProgramState({ version: '', model: '', platforms: [] })).text()
  return new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!))
}

describe('dashboard and alerts', () => {
  it('name only numbers that Valley has', async () => {
    const known = await knownNumbers()
    const expressions = [...dashboard.panels.flatMap(({ targets }) => targets), ...rules].map(({ expr }) => expr)
    expect(expressions.length).toBeGreaterThan(20)
    expect(numbersIn(expressions).filter((name) => !known.has(name))).toEqual([])
  })

  it('leave none of its own numbers out of the run book', async () => {
    const book = read('docs/operations.md')
    const own = [...(await knownNumbers())].filter((name) => name.startsWith('valley_'))
    expect(own.filter((name) => !book.includes(`\`${name}\``))).toEqual([])
  })
})

describe('the run book', () => {
  const sections = new Map(
    read('docs/operations.md')
      .split(/^### /m)
      .slice(1)
      .map((part) => [part.split('\n', 1)[0]!, part]),
  )

  it('has each alert and no other', () => {
    expect([...sections.keys()].toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted())
  })

  it.each(rules.map(({ alert }) => alert))('has cause and remedy of %s', (alert) => {
    expect(sections.get(alert)).toMatch(/Cause: [\s\S]+Remedy: /)
  })
})

describe('the container', () => {
  const recipe = read('deploy/Containerfile')
  const copied = [...recipe.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names]) => names!.split(' '))

  it('runs as an ordinary user what the build has made, and copies nothing of the operator', () => {
    expect(recipe.split('FROM ').at(-1)).toMatch(/^USER node$/m)
    expect(recipe).not.toMatch(/^COPY \. /m)
    expect(recipe).not.toMatch(/^ADD /m)
    expect(copied.filter((name) => !existsSync(join(PROJECT_ROOT, name)))).toEqual([])
  })

  it('is built from all that it copies, and from no state of training', () => {
    const left = read('deploy/Containerfile.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    expect(left.filter((name) => copied.includes(name))).toEqual([])
    const models = readdirSync(join(PROJECT_ROOT, 'models'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    )
    const packages = models.filter(({ name }) => existsSync(join(PROJECT_ROOT, 'models', name, 'manifest.json')))
    const copiedModels = models.filter(({ name }) => !left.includes(`models/${name}`))
    expect(copiedModels.map(({ name }) => name)).toEqual(packages.map(({ name }) => name))
  })

  it('has the Node that the tests run on, by a fixed version', () => {
    const images = [...recipe.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
    expect(new Set(images)).toEqual(new Set(['docker.io/library/node:20.20-bookworm-slim']))
  })
})

describe.each(['deploy/valley.service', 'deploy/valley@.service'])('the service %s', (path) => {
  const unit = new Map(
    read(path)
      .split('\n')
      .flatMap((line) => {
        const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? []
        return name === undefined ? [] : [[name, value!] as const]
      }),
  )

  it('has its sandbox on', () => {
    const wanted = { NoNewPrivileges: 'yes', CapabilityBoundingSet: '', ProtectSystem: 'strict', ProtectHome: 'yes' }
    for (const [name, value] of Object.entries({ ...wanted, DynamicUser: 'yes', PrivateTmp: 'yes' })) {
      expect(unit.get(name), name).toBe(value)
    }
  })

  it('gives a stop the time that the settings give it', () => {
    const { stopTimeoutSeconds } = settingsSchema.parse({})
    expect(Number(unit.get('TimeoutStopSec'))).toBeGreaterThan(stopTimeoutSeconds)
  })
})

describe('the services of containers', () => {
  interface Service {
    readonly command: readonly string[]
    readonly read_only: boolean
    readonly cap_drop: readonly string[]
    readonly networks: readonly string[]
  }
  const { services, networks } = parse(read('deploy/compose.yaml'), { merge: true }) as {
    readonly services: Readonly<Record<'bot' | 'engine' | 'redis', Service>>
    readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
  }

  it('are the roles that Valley has, each on a read-only root and without a right', () => {
    for (const role of ['bot', 'engine'] as const) {
      expect(services[role].command.slice(-2)).toEqual(['--role', role])
      expect(settingsSchema.parse({ role }).role).toBe(role)
    }
    for (const service of Object.values(services)) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
    }
  })

  it('leave Redis to themselves, and let it forget nothing', () => {
    expect(services.redis.networks).toEqual(['inside'])
    expect(networks.inside).toEqual({ internal: true })
    expect(services.redis.command.join(' ')).toMatch(/--appendonly yes .*--maxmemory-policy noeviction/)
  })
})
