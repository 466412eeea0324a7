// One question to a language model behind the chat completions API, as OpenAI has it and llama.cpp, vLLM, Ollama and others
// offer it: https://platform.openai.com/docs/api-reference/chat/create
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { joinPieces, STREAM_TYPE } from './streamed-answer.ts'

/** Where the model is and how it is asked. */
export interface Generator {
  /** Up to and with the version, e.g. `http://localhost:11434/v1`. */
  readonly baseUrl: string
  readonly model: string
  readonly key: string | null
  readonly temperature: number
  /** How answers are held to the form: by a schema, as one JSON object, or by the words of the prompt alone. */
  readonly structure: 'schema' | 'object' | 'words'
  readonly timeoutMs: number
  /** Asks for the answer piece by piece, for servers that give it in no other way. */
  readonly isStreamed?: boolean
}

const STREAMED = { stream: true, stream_options: { include_usage: true } }

/** What a model said, and what it took. */
export interface ChatAnswer {
  readonly text: string
  readonly inputTokens: number
  readonly outputTokens: number
  /** True when it declined or was cut at its longest. */
  readonly isRefused: boolean
  readonly isCut: boolean
}

const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.number().default(0), completion_tokens: z.number().default(0) }).nullish(),
})

/** The form that answers to a prompt are held to. */
export interface AnswerForm {
  readonly name: string
  /** JSON schema of one object. */
  readonly schema: Readonly<Record<string, unknown>>
}

/** What a model is asked. */
export interface ChatPrompt {
  readonly system: string
  readonly user: string
  readonly form: AnswerForm
}

/** What is sent, without what changes nothing about the answer. */
export function requestBody({ model, temperature, structure }: Generator, { system, user, form }: ChatPrompt) {
  const formats = {
    schema: { type: 'json_schema', json_schema: { name: form.name, strict: true, schema: form.schema } },
    object: { type: 'json_object' },
    words: undefined,
  }
  const format = formats[structure]
  return {
    model,
    temperature,
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
    ...(format === undefined ? {} : { response_format: format }),
  }
}

/** A body as it is sent. */
export type RequestBody = ReturnType<typeof requestBody>

/**
 * Asks once.
 * @throws AppError GENERATOR_REFUSED for what asking again would not mend; GENERATOR_UNREACHABLE, retryable, for the rest,
 *   with `waitSeconds` where the server says how long
 */
export async function askOnce(generator: Generator, body: RequestBody, signal?: AbortSignal): Promise<ChatAnswer> {
  const timeout = AbortSignal.timeout(generator.timeoutMs)
  let response: Response
  let content: string
  const sent = generator.isStreamed === true ? { ...body, ...STREAMED } : body
  try {
    response = await fetch(`${generator.baseUrl.replace(/\/$/, '')}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(generator.key === null ? {} : { authorization: `Bearer ${generator.key}` }),
      },
      body: JSON.stringify(sent),
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    })
    content = await response.text()
  } catch (cause) {
    signal?.throwIfAborted()
    throw unreachable(`cannot be reached or broke off (${causeText(cause)})`, cause)
  }
  if (response.status === 429 || response.status >= 500) {
    throw unreachable(`answers ${response.status}`, undefined, Number(response.headers.get('retry-after')))
  }
  if (!response.ok) {
    const said = content.replace(/\s+/g, ' ').slice(0, 200)
    const message = `The language model refuses with ${response.status}: ${said}. Check address, model, VALLEY_GENERATOR_KEY, and --structure for servers without schemas.`
    throw new AppError('GENERATOR_REFUSED', message)
  }
  const isStream = STREAM_TYPE.test(response.headers.get('content-type') ?? '')
  return readAnswer(content, isStream ? joinPieces(content) : parseJson(content))
}

function readAnswer(content: string, value: unknown): ChatAnswer {
  const parsed = answerSchema.safeParse(value)
  if (!parsed.success) throw unreachable(`answers with something else: ${content.replace(/\s+/g, ' ').slice(0, 80)}`)
  const { choices, usage } = parsed.data
  const { message, finish_reason: reason } = choices[0]!
  return {
    text: message.content ?? '',
    inputTokens: usage?.prompt_tokens ?? 0,
    outputTokens: usage?.completion_tokens ?? 0,
    isRefused: (message.refusal ?? '') !== '' || reason === 'content_filter',
    isCut: reason === 'length',
  }
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unreachable(what: string, cause?: unknown, waitSeconds = 0): AppError {
  const message = `The language model ${what}; a chat completion is needed. Run the same command again; it goes on where it stopped.`
  const details = waitSeconds > 0 ? { waitSeconds } : {}
  return new AppError('GENERATOR_UNREACHABLE', message, { cause, details, retryable: true })
}

function causeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : error.message
}
