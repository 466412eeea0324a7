// A licence that restricts what may be done with a model is shown, and somebody agrees to it, before its weights come.
import { createInterface } from 'node:readline'
import { plainText } from '../../adapters/terminal/plain-text.ts'
import { licenceNotAccepted } from '../model-hub/licence.ts'

/** Where a person may sit; a stream is a terminal when `isTTY` is true. */
export interface PersonStreams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
}

/** What is to be agreed to. */
export interface ShownLicence {
  /** One line: whose, which, where it stands. */
  readonly summary: string
  /** The text itself where the repository holds it. */
  readonly text: string | null
  /** `--accept-license` was given. */
  readonly isAccepted: boolean
}

const QUESTION = 'Do you agree to it? [y/N] '

/**
 * Shows a licence and asks.
 * @throws AppError LICENCE_NOT_ACCEPTED when the answer is no, or when there is nobody to ask
 */
export async function agreeToLicence(
  { summary, text, isAccepted }: ShownLicence,
  { input, output }: PersonStreams = { input: process.stdin, output: process.stderr },
): Promise<void> {
  if (isAccepted) {
    output.write(`${plainText(summary)}\nAgreed to with --accept-license.\n`)
    return
  }
  if (input.isTTY !== true) throw licenceNotAccepted(summary)
  output.write(`${text === null ? '' : `${plainText(text)}\n\n`}${plainText(summary)}\n`)
  const lines = createInterface({ input, output })
  const answer = await new Promise<string>((resolve) => {
    lines.question(QUESTION, resolve)
    // Ctrl-C and Ctrl-D.
    lines.once('close', () => resolve(''))
  })
  lines.close()
  if (!/^y(?:es)?$/i.test(answer.trim())) throw licenceNotAccepted(summary)
}
