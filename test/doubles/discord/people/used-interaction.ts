// An interaction from the side of the person who used it: whether the app answered in time, and what they see of it.
import { type APIMessage, type InteractionResponseType, MessageFlags } from 'discord.js'
import { renderMessage } from '../messages/render-message.ts'
import { isTooLate } from '../world/interactions.ts'
import type { InteractionState } from '../world/state.ts'
import type { World } from '../world/world.ts'

/** A command, a button or a form that a person used. */
export class UsedInteraction {
  readonly id: string
  readonly #world: World
  readonly #state: InteractionState

  constructor(world: World, state: InteractionState) {
    this.id = state.id
    this.#world = world
    this.#state = state
  }

  /** Milliseconds until the app's first answer; null before. */
  get acknowledgedAfterMs(): number | null {
    const { acknowledgedMs, createdMs } = this.#state
    return acknowledgedMs === null ? null : acknowledgedMs - createdMs
  }

  /** True when Discord shows "The application did not respond". */
  get failed(): boolean {
    return isTooLate(this.#world, this.#state)
  }

  /** How the app answered first; null before. */
  get responseType(): InteractionResponseType | null {
    return this.#state.responseType
  }

  /** What the person sees of it now: the answer, then the follow-ups, ephemeral ones included. */
  get messages(): APIMessage[] {
    const ids = [this.#state.responseMessageId, ...this.#state.followUpIds]
    return ids
      .map((id) => (id === null ? undefined : this.#world.findMessage(id)))
      .filter((message) => message !== undefined)
      .map((message) => renderMessage(this.#world, message, true))
  }

  /** The form that the app opened; null when it opened none. */
  get modal(): InteractionState['modal'] {
    return this.#state.modal
  }

  /** The completions that the app offered; null before. */
  get choices(): InteractionState['choices'] {
    return this.#state.choices
  }

  /** Where it was used. */
  get channelId(): string {
    return this.#state.channelId
  }

  /** Waits for the first answer. */
  async acknowledged(timeoutMs?: number): Promise<void> {
    const find = () => (this.#state.acknowledgedMs === null ? undefined : true)
    await this.#world.changes.waitFor(find, () => 'The app did not answer the interaction at all.', timeoutMs)
  }

  /**
   * Waits for a message of the answer that is no longer loading.
   * @param accepts which one; any when left out
   */
  async answer(accepts: (message: APIMessage) => boolean = () => true, timeoutMs?: number): Promise<APIMessage> {
    const find = () => this.messages.find((one) => !((one.flags ?? 0) & MessageFlags.Loading) && accepts(one))
    const describe = () => `The person sees: ${JSON.stringify(this.messages.map(({ content }) => content))}`
    return this.#world.changes.waitFor(find, describe, timeoutMs)
  }
}
