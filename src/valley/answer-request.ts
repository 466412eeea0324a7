// What an answer needs and what happens while it is made, as the model sees it.
import { AppError } from '../errors.ts'
import type { ModelProbe } from './probe.ts'
import type { PromptMessage } from './prompt.ts'

/** A question to the model, its clips already encoded. */
export interface ModelRequest {
  readonly messages: readonly PromptMessage[]
  /** Longest answer, tokens, at least 1. */
  readonly maxTokens: number
  /** 0 is greedy; up to 2. */
  readonly temperature: number
  /** Nucleus, in (0, 1]. */
  readonly topP: number
  /** An integer; the same seed gives the same answer. */
  readonly seed: number
  /** Adds tensors to the end event; large. */
  readonly probe: boolean
}

/** What happens while the model answers, in order: one prefill, any number of deltas, one end. */
export type ModelEvent =
  | { readonly type: 'prefill'; readonly promptTokens: number; readonly reusedTokens: number }
  | { readonly type: 'delta'; readonly text: string }
  | {
      readonly type: 'end'
      /** All deltas together. */
      readonly answer: string
      readonly finish: 'stop' | 'length' | 'cancelled'
      /** Every id drawn, an ending eos included. */
      readonly tokenIds: readonly number[]
      readonly promptTokenIds: readonly number[]
      readonly reusedTokens: number
      /** prompt, prefill, generate */
      readonly timingsMs: Readonly<Record<string, number>>
      readonly probe?: ModelProbe
    }

/** Checks the numbers of a request. @throws AppError QUESTION_INVALID naming the number, its value and its range */
export function checkRequest({ maxTokens, temperature, topP, seed }: ModelRequest): void {
  const checks: [string, number, string, boolean][] = [
    ['maxTokens', maxTokens, 'a whole number of at least 1', Number.isInteger(maxTokens) && maxTokens >= 1],
    ['temperature', temperature, 'between 0 and 2', temperature >= 0 && temperature <= 2],
    ['topP', topP, 'above 0 and at most 1', topP > 0 && topP <= 1],
    ['seed', seed, 'a whole number', Number.isSafeInteger(seed)],
  ]
  for (const [name, value, allowed, holds] of checks) {
    if (!holds) {
      throw new AppError(
        'QUESTION_INVALID',
        `The option ${name} is ${value}; it must be ${allowed}. Change the option.`,
        {
          details: { option: name, value: String(value) },
        },
      )
    }
  }
}
