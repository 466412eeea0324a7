import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { renderExample, renderJsonSchema } from '../../../src/config/example.ts'
import { SETTINGS_JSON_SCHEMA } from '../../../src/config/json-schema.ts'
import { parseSettings } from '../../../src/config/read-settings-file.ts'
import { keyPaths, schemaAt } from '../../../src/config/schema-node.ts'
import { settingsSchema } from '../../../src/config/settings-schema.ts'
import { PROJECT_ROOT } from '../../helpers/source-files.ts'

function read(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), 'utf8')
}

describe('config/valley.example.yaml', () => {
  it('is what "valley config example" prints', () => {
    expect(read('config/valley.example.yaml')).toBe(renderExample())
  })

  it('is accepted and says the same as no file at all', () => {
    const { settings, problems } = parseSettings(read('config/valley.example.yaml'), 'example')
    expect(problems).toEqual([])
    expect(settings).toEqual(settingsSchema.parse({}))
  })

  it('holds every key that there is', () => {
    const written: unknown = parse(read('config/valley.example.yaml'))
    const missing = keyPaths(SETTINGS_JSON_SCHEMA).filter((path) => {
      let value = written
      for (const key of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[key]
      return value === undefined
    })
    expect(missing).toEqual([])
    for (const key of Object.keys(schemaAt(['channels', 'slack:C1'], SETTINGS_JSON_SCHEMA)!.properties!)) {
      expect(read('config/valley.example.yaml')).toContain(`#     ${key}: `)
    }
  })
})

describe('config/valley.schema.json', () => {
  it('is what "valley config schema" prints', () => {
    expect(read('config/valley.schema.json')).toBe(renderJsonSchema())
  })

  it('explains every key in one line that ends with a full stop', () => {
    const paths = [
      ...keyPaths(SETTINGS_JSON_SCHEMA),
      ...keyPaths(schemaAt(['channels', 'slack:C1'], SETTINGS_JSON_SCHEMA)!, 'channels.slack:C1.'),
    ]
    const keys = paths.map((path) => path.split('.'))
    const unexplained = keys.filter(
      (path) => !/^[A-Z][^\n]+\.$/.test(schemaAt(path, SETTINGS_JSON_SCHEMA)?.description ?? ''),
    )
    expect(unexplained).toEqual([])
  })
})
