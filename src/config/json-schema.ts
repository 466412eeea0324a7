// The settings' JSON schema, made from the zod schema: editors and messages read the same.
import { z } from 'zod'
import type { SchemaNode } from './schema-node.ts'
import { settingsSchema } from './settings-schema.ts'

/** The whole schema as editors take it; every key has a default, so none is required. */
export const SETTINGS_JSON_SCHEMA: SchemaNode = Object.freeze({
  $id: 'valley.schema.json',
  title: 'Settings of Valley',
  ...(z.toJSONSchema(settingsSchema, { io: 'input' }) as SchemaNode),
})
