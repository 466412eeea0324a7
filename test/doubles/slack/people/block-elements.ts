import { isJson, type Json, jsonArray, stringIn } from '../json.ts'

/** An element that a person can press, with the block that it is in. */
export interface PressableElement {
  readonly blockId: string
  readonly element: Json
  /** For feedback buttons: which of the two. */
  readonly chosen: Json | null
}

/**
 * Finds what a person sees under an action id: a button, a menu, or one of two feedback buttons.
 * @param value which feedback button, by its value; the first one when left out
 */
export function findPressable(blocks: unknown, actionId: string, value?: string): PressableElement | null {
  for (const [index, block] of jsonArray(blocks).entries()) {
    const elements = [...jsonArray(block.elements), block.accessory, block.element].filter(isJson)
    const element = elements.find((one) => one.action_id === actionId && (value === undefined || has(one, value)))
    if (element !== undefined) {
      const blockId = stringIn(block, 'block_id') ?? `block-${index}`
      return { blockId, element, chosen: chosenFeedback(element, value) }
    }
  }
  return null
}

function has(element: Json, value: string): boolean {
  const choices = [element, element.positive_button, element.negative_button, ...jsonArray(element.options)]
  return choices.some((choice) => isJson(choice) && choice.value === value)
}

function chosenFeedback(element: Json, value: string | undefined): Json | null {
  const buttons = [element.positive_button, element.negative_button].filter(isJson)
  return buttons.find((button) => value === undefined || button.value === value) ?? null
}

/** The entry of `actions` that a press makes. */
export function actionOf({ blockId, element, chosen }: PressableElement, actionTs: string, value?: string): Json {
  const base = { type: element.type, block_id: blockId, action_id: element.action_id, action_ts: actionTs }
  if (chosen !== null) return { ...base, value: chosen.value, text: chosen.text }
  const option = jsonArray(element.options).find((one) => value === undefined || one.value === value)
  if (option !== undefined) return { ...base, selected_option: option }
  return {
    ...base,
    ...('value' in element ? { value: element.value } : {}),
    ...('text' in element ? { text: element.text } : {}),
  }
}
