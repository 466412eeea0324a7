// Writes the settings file that holds every key with its default and one line of explanation.
import { stringify } from 'yaml'
import { SETTINGS_JSON_SCHEMA } from './json-schema.ts'
import type { SchemaNode } from './schema-node.ts'

const HEADER = `# yaml-language-server: $schema=./valley.schema.json
#
# Settings of Valley: every key with its default. Copy this file to config/valley.yaml and keep what you change; a key that
# is left out has its default. Paths are relative to Valley's folder. Secrets are never written here: they come from
# the environment (DISCORD_TOKEN, SLACK_BOT_TOKEN, SLACK_APP_TOKEN and so on). "valley config check" tells what is wrong.
`

/** The example as YAML, ready to be copied. */
export function renderExample(): string {
  const groups = Object.entries(SETTINGS_JSON_SCHEMA.properties ?? {})
  return `${HEADER}${groups.map(([key, node]) => `\n${renderKey(key, node, '').join('\n')}\n`).join('')}`
}

function renderKey(key: string, node: SchemaNode, indent: string): string[] {
  const lines = [`${indent}# ${node.description}`]
  if (node.properties !== undefined) {
    const children = Object.entries(node.properties).flatMap(([name, child]) => renderKey(name, child, `${indent}  `))
    return [...lines, `${indent}${key}:`, ...children]
  }
  const entry = node.additionalProperties
  lines.push(`${indent}${key}: ${stringify(node.default).trimEnd()}`)
  return typeof entry === 'object' ? [...lines, ...renderEntry(entry)] : lines
}

/** What an entry of a table may hold, as a comment: there is no default to show. */
function renderEntry({ properties = {} }: SchemaNode): string[] {
  const lines = Object.entries(properties).map(([name, { description }]) => `#     ${name}: …  # ${description}`)
  return ['#   "discord:1234567890":', ...lines]
}

/** The JSON schema as a file, for editors. */
export function renderJsonSchema(): string {
  return `${JSON.stringify(SETTINGS_JSON_SCHEMA, null, 2)}\n`
}
