import { isJson, type Json, jsonArray, stringIn } from '../json.ts'
import { storeFile } from '../uploading.ts'
import { fileJson } from '../wire/file-json.ts'
import type { FileToShare } from '../world/stored-file.ts'
import type { OpenView } from '../world/view.ts'
import type { World } from '../world/world.ts'

/** What a person fills in, by action id: text, the value of an option, or files. */
export type ModalInput = Readonly<Record<string, string | readonly FileToShare[]>>

/** @see https://docs.slack.dev/reference/block-kit/block-elements/file-input-element */
const MAX_INPUT_FILES = 10

/**
 * The state of a modal's inputs as `view_submission` carries it.
 * @throws Error when the input names no element of the view, breaks a file input's rules or leaves out what is required;
 *   a person's client would not have let it go either
 */
export function filledState(world: World, view: OpenView, input: ModalInput): Json {
  const values: Record<string, Json> = {}
  const known = new Set<string>()
  for (const [index, block] of jsonArray(view.content.blocks).entries()) {
    if (block.type !== 'input' || !isJson(block.element)) continue
    const actionId = stringIn(block.element, 'action_id') ?? `action-${index}`
    known.add(actionId)
    const filled = input[actionId]
    if (filled === undefined && block.optional !== true) throw new Error(`The modal's input ${actionId} is required.`)
    values[stringIn(block, 'block_id') ?? `block-${index}`] = {
      [actionId]: stateOf(world, view, block.element, filled),
    }
  }
  const unknown = Object.keys(input).filter((actionId) => !known.has(actionId))
  if (unknown.length > 0)
    throw new Error(`The modal has no input ${unknown.join(', ')}; it has ${[...known].join(', ')}.`)
  return values
}

function stateOf(world: World, view: OpenView, element: Json, filled: ModalInput[string] | undefined): Json {
  const type = String(element.type)
  if (type === 'file_input')
    return { type, files: (fileList(filled) ?? []).map((file) => takeFile(world, view, element, file)) }
  if (filled !== undefined && typeof filled !== 'string') throw new Error(`A ${type} takes text, not files.`)
  if (type === 'plain_text_input' || type === 'email_text_input') return { type, value: filled ?? null }
  const option = jsonArray(element.options).find(({ value }) => value === filled)
  if (filled !== undefined && option === undefined) throw new Error(`The ${type} has no option ${filled}.`)
  return { type, selected_option: option ?? null }
}

function fileList(filled: ModalInput[string] | undefined): readonly FileToShare[] | undefined {
  if (typeof filled === 'string') throw new Error('A file_input takes files, not text.')
  if (filled !== undefined && filled.length > MAX_INPUT_FILES) throw new Error('A file_input takes at most 10 files.')
  return filled
}

function takeFile(world: World, view: OpenView, element: Json, file: FileToShare): Json {
  const endings = Array.isArray(element.filetypes) ? element.filetypes.map(String) : null
  if (endings !== null && !endings.some((ending) => file.name.toLowerCase().endsWith(`.${ending}`))) {
    throw new Error(`The file_input takes ${endings.join(', ')}, not ${file.name}.`)
  }
  return fileJson(world, storeFile(world, view.teamId, view.userId, file))
}
