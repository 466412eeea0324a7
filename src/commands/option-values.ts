// Readers of option values. They only tell numbers and addresses from other words; what is allowed stands with those who use them.
import { InvalidArgumentError } from 'commander'

/** A whole number of at most 15 digits, zero or more. */
export function wholeNumber(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new InvalidArgumentError('A whole number is needed.')
  return Number(text)
}

/** A number in decimal digits, e.g. 0.7. */
export function decimalNumber(text: string): number {
  if (!/^-?([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text)) throw new InvalidArgumentError('A number is needed, like 0.7.')
  return Number(text)
}

/** Whether an option is an address that can be asked by HTTP. */
export function isHttpAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
