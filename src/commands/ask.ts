// `valley ask`: one question about a clip, or a whole conversation from a file.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { plainText } from '../../adapters/terminal/plain-text.ts'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { checkQuestion } from '../answering/check-question.ts'
import { assert } from '../assert.ts'
import type { AnswerOptions, AnswerReport, ConversationMessage, Question } from '../conversation/answerer.ts'
import { localClip } from '../conversation/locate-clip.ts'
import { progressText } from '../conversation/progress-text.ts'
import { textsFor } from '../conversation/texts/locale.ts'
import { AppError } from '../errors.ts'
import { chooseModel } from './choose-model.ts'
import { type CommandContext, withContext } from './context.ts'
import { readMessagesFile } from './messages-file.ts'
import { openAnswerer } from './open-answerer.ts'
import { decimalNumber, wholeNumber } from './option-values.ts'

interface AskOptions {
  readonly model?: string
  readonly frames?: number
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly seed?: number
  readonly json?: boolean
  readonly messages?: string
  readonly probe?: boolean
}

const EXAMPLES = `
Examples:
  $ valley ask holiday.mp4 "What is in the clip?"
  $ valley ask --json --frames 4 -- -odd-name.mp4 "Where does it move?"
  $ valley ask --json --messages conversation.json

A messages file holds the whole conversation, the question last; paths are relative to the file:
  [{ "role": "user", "content": [{ "type": "video", "path": "holiday.mp4" },
                                 { "type": "text", "text": "What is in the clip?" }] },
   { "role": "assistant", "content": "A red ball." },
   { "role": "user", "content": "Where does it move?" }]
`

/** Adds the command. */
export function registerAsk(program: Command): void {
  program
    .command('ask')
    .summary('ask one question about a clip')
    .description('Ask one question about a clip (video, GIF or picture). The answer streams to stdout.')
    .argument('[clip]', 'path of the clip')
    .argument('[question]', 'the question')
    .option('--model <dir>', 'folder of the model package (default: VALLEY_MODEL, else the only one in models/)')
    .option('--frames <n>', "frames to look at, evenly over the clip (default: the model's own choice)", wholeNumber)
    .option(
      '--max-tokens <n>',
      'longest answer, tokens (default: 256, less for a model with a small context)',
      wholeNumber,
    )
    .option('--temperature <t>', '0 takes the likeliest word each time; up to 2 (default: 0)', decimalNumber)
    .option(
      '--top-p <p>',
      'draw only from the likeliest words that reach this share; above 0, up to 1 (default: 1)',
      decimalNumber,
    )
    .option('--seed <n>', 'same seed, same answer (default: 0)', wholeNumber)
    .option('--json', 'print one JSON object with the answer, tokens, frames and times, and nothing else')
    .option('--messages <file>', 'take the conversation from a JSON file instead of clip and question')
    .option('--probe', 'with --json: add pixelValues, visualFeatures and firstStepLogits (large)')
    .addHelpText('after', EXAMPLES)
    .action((clip: string | undefined, question: string | undefined, options: AskOptions) =>
      withContext((context) => ask(clip, question, options, context)),
    )
}

async function ask(
  clip: string | undefined,
  words: string | undefined,
  options: AskOptions,
  { config, signal }: CommandContext,
): Promise<void> {
  const messages = await messagesOf(clip, words, options)
  const question: Question = { threadId: 'ask', messages, options: answerOptions(options) }
  checkQuestion(question) // before a model is loaded for nothing
  const answerer = openAnswerer(await chooseModel(options.model, config), config)
  const progress = new ProgressLine(process.stderr)
  try {
    let report: AnswerReport | null = null
    for await (const event of answerer.answer(question, signal)) {
      if (event.type === 'progress') progress.show(progressText(event, textsFor()))
      else if (event.type === 'end') report = event.report
      else if (event.type === 'delta' && !options.json) {
        progress.clear()
        process.stdout.write(plainText(event.text))
      }
    }
    assert(report !== null, 'an answer ends with its report')
    progress.clear()
    signal.throwIfAborted()
    process.stdout.write(options.json ? `${JSON.stringify(jsonReport(report))}\n` : '\n')
  } finally {
    progress.clear()
    await answerer.close()
  }
}

async function messagesOf(
  clip: string | undefined,
  words: string | undefined,
  { messages, probe, json }: AskOptions,
): Promise<ConversationMessage[]> {
  if (probe && !json) throw wrongUse('--probe was given without --json; its numbers are only printed as JSON')
  if (messages !== undefined) {
    if (clip !== undefined) throw wrongUse('--messages was given together with a clip; only one of both is allowed')
    return readMessagesFile(messages)
  }
  if (clip === undefined) throw wrongUse('there is no clip; a clip and a question are needed, or --messages')
  if (words === undefined || words.trim() === '') throw wrongUse('there is no question; one is needed after the clip')
  const content = [
    { type: 'clip', clip: { id: 'clip-1', ...localClip(resolve(clip)) } },
    { type: 'text', text: words.trim() },
  ] as const
  return [{ role: 'user', content }]
}

function answerOptions({ frames, maxTokens, temperature, topP, seed, probe }: AskOptions): AnswerOptions {
  return {
    ...(frames === undefined ? {} : { frameCount: frames }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(seed === undefined ? {} : { seed }),
    probe: probe ?? false,
  }
}

/** The report with the probe's tensors beside the other keys. */
function jsonReport({ probe, ...report }: AnswerReport): object {
  return { ...report, ...probe }
}

function wrongUse(seen: string): AppError {
  return new AppError('QUESTION_INVALID', `valley ask: ${seen}. See "valley ask --help".`)
}
