// What a JSON schema says of a key, found by its path and told in words.

/** The part of JSON Schema that zod writes. */
export interface SchemaNode {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly format?: string
  readonly anyOf?: readonly SchemaNode[]
  readonly items?: SchemaNode
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  readonly propertyNames?: SchemaNode
}

/** Finds what is said of a key. @returns null where the schema knows no such key */
export function schemaAt(path: readonly PropertyKey[], root: SchemaNode): SchemaNode | null {
  let node: SchemaNode | undefined = root
  for (const key of path) {
    const others: SchemaNode | boolean | undefined = node.additionalProperties
    node = node.properties?.[String(key)] ?? node.items ?? (typeof others === 'object' ? others : undefined)
    if (node === undefined) return null
  }
  return node
}

/** Every key with the path to it, e.g. `limits.maxClipBytes`. */
export function keyPaths(node: SchemaNode, parent = ''): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => [
    `${parent}${key}`,
    ...keyPaths(child, `${parent}${key}.`),
  ])
}

/** What a key may hold, e.g. `a whole number from 1 to 256, or null`. */
export function describeAllowed(node: SchemaNode): string {
  const { anyOf, type, items } = node
  if (node.enum !== undefined) return `one of ${node.enum.join(', ')}`
  if (node.const !== undefined) return String(node.const)
  if (anyOf !== undefined) return joinChoices(anyOf.map(describeAllowed))
  switch (type) {
    case 'integer':
      return `a whole number${describeRange(node)}`
    case 'number':
      return `a number${describeRange(node)}`
    case 'string':
      if (node.format === 'uri') return 'an address that begins with https:// or http://'
      if (node.pattern === '^\\/.*') return 'a path that begins with /'
      return node.maxLength === undefined
        ? 'a text'
        : `a text of ${node.minLength ?? 0} to ${node.maxLength} characters`
    case 'boolean':
      return 'true or false'
    case 'array':
      return `a list, each entry ${describeAllowed(items ?? {})}`
    case 'object':
      return 'a group of keys'
    default:
      return type ?? 'anything'
  }
}

function describeRange({ minimum, exclusiveMinimum, maximum }: SchemaNode): string {
  const least = exclusiveMinimum === undefined ? ` from ${minimum}` : ` above ${exclusiveMinimum}`
  return `${least}${exclusiveMinimum === undefined ? '' : ' up'} to ${maximum}`
}

function joinChoices(choices: readonly string[]): string {
  return `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
}
