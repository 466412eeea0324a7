// Every failure that a person can do something about is an AppError with a stable code. The message says what failed,
// the value seen, what is allowed and what to do; it goes to the operator's terminal or log. What a user in a channel
// reads is the sentence that src/conversation/texts holds for the code, in each language.

/** Who must act, and the codes each can raise. One line a code; docs/errors.md holds cause and remedy, a test pins both. */
export const ERROR_CODES = {
  config: [
    'CONFIG_INVALID',
    'POLICY_INVALID',
    'DATASET_INVALID',
    'BENCHMARK_INVALID',
    'TOOL_MISSING',
    'DEVICE_UNAVAILABLE',
    'STORAGE_FAILED',
  ],
  platform: ['PLATFORM_REFUSED', 'PLATFORM_UNREACHABLE'],
  cluster: ['REDIS_UNREACHABLE', 'ENGINES_DIFFER'],
  package: [
    'PACKAGE_MISSING',
    'PACKAGE_CORRUPT',
    'PACKAGE_UNSUPPORTED',
    'CHECKPOINT_INVALID',
    'CHECKPOINT_UNSUPPORTED',
    'QUALITY_TOO_LOW',
  ],
  hub: [
    'HUB_REFUSED',
    'HUB_NOT_FOUND',
    'HUB_UNREACHABLE',
    'HUB_BUSY',
    'DOWNLOAD_CORRUPT',
    'DISK_FULL',
    'LICENCE_NOT_ACCEPTED',
  ],
  generator: ['GENERATOR_REFUSED', 'GENERATOR_UNREACHABLE'],
  clip: [
    'CLIP_MISSING',
    'CLIP_UNREACHABLE',
    'CLIP_ACCESS_DENIED',
    'CLIP_UNREADABLE',
    'CLIP_NOT_VIDEO',
    'CLIP_TOO_LARGE',
    'CLIP_TOO_LONG',
    'CLIP_TOO_MANY_PIXELS',
  ],
  question: ['QUESTION_INVALID', 'QUESTION_TOO_LONG', 'CONTEXT_OVERFLOW'],
  inference: ['INFERENCE_FAILED', 'DEVICE_LOST', 'SHAPE_MISMATCH', 'PLACEHOLDER_MISMATCH'],
  wait: ['TIMED_OUT', 'QUEUE_FULL', 'RATE_LIMITED', 'ENGINE_CLOSED', 'ENGINE_UNREACHABLE'],
} as const

/** Group of an error: who must act (operator six times, user, user, us, wait). */
export type ErrorGroup = keyof typeof ERROR_CODES
/** Stable identifier of a failure. */
export type ErrorCode = (typeof ERROR_CODES)[ErrorGroup][number]

/** Facts that explain an error: plain values that survive a worker boundary. Never a secret. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

/** The one error class of the project. Thrown for what a person can act on; our own mistakes are AssertionError. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly details: ErrorDetails
  /** True when the same request may succeed later without anybody changing anything. */
  readonly retryable: boolean

  /**
   * @param code stable code
   * @param message what failed, the value seen, what is allowed, what to do; one line
   * @param options details for the log, the cause, and whether a retry may help (default false)
   */
  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: ErrorDetails; cause?: unknown; retryable?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
    this.retryable = options.retryable ?? false
  }
}

const CLIP_CODES: ReadonlySet<ErrorCode> = new Set(ERROR_CODES.clip)

/** True when an error is about a clip itself, so that others may fare better. */
export function isAboutClip(error: unknown): error is AppError {
  return error instanceof AppError && CLIP_CODES.has(error.code)
}

/** The same, also when looking at the clip took too long. */
export function isAboutClipOrItsTime(error: unknown): error is AppError {
  return isAboutClip(error) || (error instanceof AppError && error.code === 'TIMED_OUT')
}

/** What systems say when a file cannot grow: no room, a quota, a limit of the process or of the file system. */
const FULL_DISK_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** The system's code when a write found no room; null for any other error. */
export function fullDiskCode(error: unknown): string | null {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? ''
  return FULL_DISK_CODES.has(code) ? code : null
}

/** An AppError as plain data, for a message between threads. */
export interface SerializedError {
  code: ErrorCode | null
  message: string
  details: ErrorDetails
  retryable: boolean
  stack?: string
}

/** Turns anything thrown into plain data; a foreign error keeps its message and stack and has code null. */
export function serializeError(error: unknown): SerializedError {
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, details: error.details, retryable: error.retryable }
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { code: null, message, details: {}, retryable: false, ...(stack === undefined ? {} : { stack }) }
}

/** The opposite of serializeError; an error without a code becomes INFERENCE_FAILED with the original as its cause. */
export function deserializeError(data: SerializedError): AppError {
  if (data.code !== null) {
    return new AppError(data.code, data.message, { details: data.details, retryable: data.retryable })
  }
  const cause = new Error(data.message)
  if (data.stack !== undefined) cause.stack = data.stack
  return new AppError(
    'INFERENCE_FAILED',
    `The model failed: ${data.message}. This is a fault of Valley; the log has more.`,
    {
      cause,
    },
  )
}
