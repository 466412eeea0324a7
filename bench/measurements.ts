// What is measured: who runs which task on which shape, and which of the numbers become figures.
import type { Precision } from '../src/model-build/precision.ts'
import type { Task } from './runners/serve.ts'
import type { ShapeName } from './shapes.ts'

/** Programs that can run a task. */
export type RunnerName =
  | 'valley'
  | 'node-llama-cpp'
  | 'pytorch'
  | 'cache-modes'
  | 'clip-decode'
  | 'clip-lengths'
  | 'quality'
  | 'same-answers'
  | 'transformers-js'
  | 'transformers-js-fp16'
  | 'valley-gpu'

/** A line of the table: a number of Valley's against the same number of a peer or against another of Valley's own. */
export interface FigureLine {
  readonly what: string
  /** Name of the number in what runners answer. */
  readonly key: string
  readonly unit: string
  readonly goal: string
  /** Another number of the same runner that takes the peer's place, and what it is called. */
  readonly against?: { readonly key: string; readonly name: string }
}

/** One task, run in turns by all that are named. */
export interface Measurement {
  readonly name: string
  /** What the table calls it that is measured; default shape and precision. */
  readonly subject?: string
  readonly shape: ShapeName
  readonly precision: Precision
  /** True for Valley's package as `valley model build` makes it; see buildShape. */
  readonly measured?: boolean
  /** Whose numbers the lines are, and then peers, which are left out where they are not at hand. */
  readonly runners: readonly [RunnerName, ...RunnerName[]]
  /** True for what is the same each time: it is done once, without a turn to warm up. */
  readonly once?: boolean
  /** True for what needs a GPU: it is asked for by name, and the table names the GPU. */
  readonly onGpu?: boolean
  readonly task: Task
  readonly lines: readonly FigureLine[]
}

/** Lengths of clips that are compared, minutes. */
export const SHORT_AND_LONG = [3, 180] as const

const PROMPT: Task = { kind: 'prompt', promptTokens: 512, newTokens: 64, frames: 0, threads: 1 }

const QUESTION: Task = { kind: 'clip', promptTokens: 0, newTokens: 32, frames: 8, threads: 1 }

const SAME_ANSWERS: Task = { kind: 'own', promptTokens: 0, newTokens: 24, frames: 0, threads: 8, prompts: 200 }

/** Every measurement by its name on the command line. */
export const MEASUREMENTS: readonly Measurement[] = [
  {
    name: 'text-512',
    shape: 'qwen2-0.5b',
    precision: 'int4',
    runners: ['valley', 'node-llama-cpp'],
    task: PROMPT,
    lines: [
      { what: 'decode at 512 tokens of context', key: 'decodePerSecond', unit: 'tokens/s', goal: '>= 1.6' },
      { what: 'prefill of 512 tokens', key: 'prefillPerSecond', unit: 'tokens/s', goal: '>= 1.8' },
    ],
  },
  {
    name: 'text-2000',
    shape: 'qwen2-0.5b',
    precision: 'int4',
    runners: ['valley', 'node-llama-cpp'],
    task: { ...PROMPT, promptTokens: 2000 },
    lines: [
      { what: 'decode at 2,000 tokens of context', key: 'decodePerSecond', unit: 'tokens/s', goal: '>= 1.3' },
      { what: 'prefill of 2,000 tokens', key: 'prefillPerSecond', unit: 'tokens/s', goal: '-' },
    ],
  },
  {
    name: 'text-7b',
    shape: 'qwen2-7b',
    precision: 'int4',
    runners: ['valley', 'node-llama-cpp'],
    task: { ...PROMPT, newTokens: 16 },
    lines: [
      { what: '7B shape: decode at 512 tokens', key: 'decodePerSecond', unit: 'tokens/s', goal: '>= 1.0' },
      { what: '7B shape: resident memory', key: 'memoryMiB', unit: 'MiB', goal: '<= 1.1' },
    ],
  },
  {
    name: 'threads',
    shape: 'qwen2-0.5b',
    precision: 'int4',
    runners: ['valley'],
    task: { kind: 'threads', promptTokens: 128, newTokens: 48, frames: 0, threads: 8 },
    lines: [
      {
        what: '8 threads answering at once',
        key: 'togetherPerSecond',
        unit: 'tokens/s',
        goal: '>= 2.5',
        against: { key: 'alonePerSecond', name: 'one thread' },
      },
      {
        what: 'time between two words of a thread, 8 at once',
        key: 'togetherGapMs',
        unit: 'ms',
        goal: '<= 3',
        against: { key: 'aloneGapMs', name: 'one thread' },
      },
      { what: 'delay of the main thread meanwhile, p99', key: 'loopDelayP99Ms', unit: 'ms', goal: '< 20 ms' },
    ],
  },
  {
    name: 'clip',
    shape: 'onevision-0.5b',
    precision: 'int4',
    runners: ['valley'],
    task: { kind: 'clip', promptTokens: 0, newTokens: 8, frames: 8, threads: 1 },
    lines: [
      {
        what: 'second question on a clip of 8 frames: first word',
        key: 'secondQuestionMs',
        unit: 'ms',
        goal: '<= 0.10',
        against: { key: 'firstWordMs', name: 'first question' },
      },
    ],
  },
  {
    name: 'question',
    shape: 'onevision-0.5b',
    precision: 'int4',
    runners: ['valley', 'transformers-js'],
    task: QUESTION,
    lines: [
      { what: 'question on a clip of 8 frames: first word', key: 'firstWordMs', unit: 'ms', goal: '<= 0.67' },
      { what: 'question on a clip of 8 frames: answer', key: 'answerPerSecond', unit: 'tokens/s', goal: '>= 1.5' },
    ],
  },
  ...(
    [
      ['question-built', 'transformers-js-fp16'],
      ['question-built-q8', 'transformers-js'],
    ] as const
  ).map(
    ([name, peer]): Measurement => ({
      name,
      subject: 'onevision-0.5b int4 as `valley model build` makes it',
      shape: 'onevision-0.5b',
      precision: 'int4',
      measured: true,
      runners: ['valley', peer],
      task: QUESTION,
      lines: [
        { what: 'question on a clip of 8 frames, as built: first word', key: 'firstWordMs', unit: 'ms', goal: '-' },
        {
          what: 'question on a clip of 8 frames, as built: answer',
          key: 'answerPerSecond',
          unit: 'tokens/s',
          goal: '-',
        },
      ],
    }),
  ),
  {
    name: 'tower',
    shape: 'clip-l',
    precision: 'int8',
    measured: true,
    runners: ['valley', 'pytorch'],
    task: { kind: 'tower', promptTokens: 0, newTokens: 0, frames: 8, threads: 1 },
    lines: [
      { what: 'CLIP ViT-L/14, 8 frames, against float32', key: 'framesPerSecond', unit: 'frames/s', goal: '>= 2.5' },
    ],
  },
  {
    name: 'tower-cosine',
    shape: 'clip-l',
    precision: 'int8',
    measured: true,
    runners: ['quality'],
    once: true,
    task: { kind: 'own', promptTokens: 0, newTokens: 0, frames: 2, threads: 1 },
    lines: [
      { what: 'CLIP ViT-L/14: cosine of the worst frame with float32', key: 'worstCosine', unit: '', goal: '> 0.99' },
    ],
  },
  {
    name: 'clip-decode',
    subject: '2 minutes of 1080p H.264, GOP 250',
    shape: 'small',
    precision: 'int4',
    runners: ['clip-decode'],
    task: { kind: 'own', promptTokens: 0, newTokens: 0, frames: 16, threads: 1 },
    lines: [
      {
        what: 'frames of a long clip, 16 asked for',
        key: 'keyFramesPerSecond',
        unit: 'clips/s',
        goal: '>= 6',
        against: { key: 'fullPerSecond', name: 'one full decode' },
      },
      {
        what: 'pictures half way between key frames, 16 asked for',
        key: 'betweenPerSecond',
        unit: 'clips/s',
        goal: '-',
        against: { key: 'fullPerSecond', name: 'one full decode' },
      },
    ],
  },
  {
    name: 'clip-hours',
    subject: '720p H.264, GOP 250',
    shape: 'small',
    precision: 'int4',
    runners: ['clip-lengths'],
    task: { kind: 'own', promptTokens: 0, newTokens: 0, frames: 16, threads: 1, minutes: SHORT_AND_LONG },
    lines: [
      {
        what: '16 frames of a clip of three hours, opening included',
        key: 'minutes180Ms',
        unit: 'ms',
        goal: 'little more than 1',
        against: { key: 'minutes3Ms', name: 'three minutes' },
      },
    ],
  },
  {
    name: 'same-answers',
    shape: 'qwen2-0.5b',
    precision: 'int4',
    runners: ['same-answers'],
    once: true,
    task: SAME_ANSWERS,
    lines: [
      {
        what: 'answers that are the same with all devices on, token for token',
        key: 'same',
        unit: 'answers',
        goal: '1.00',
        against: { key: 'prompts', name: 'plain path' },
      },
      {
        what: 'of the others, those that part at a tie',
        key: 'ties',
        unit: 'answers',
        goal: 'all',
        against: { key: 'parted', name: 'all that part' },
      },
    ],
  },
  // In int4 a prompt is read with rows of 8 bits; float32 shows what the order of sums alone does.
  {
    name: 'same-answers-fp32',
    shape: 'qwen2-0.5b',
    precision: 'fp32',
    runners: ['same-answers'],
    once: true,
    task: SAME_ANSWERS,
    lines: [
      {
        what: 'the same in float32',
        key: 'same',
        unit: 'answers',
        goal: '1.00',
        against: { key: 'prompts', name: 'plain path' },
      },
    ],
  },
  ...[512, 2000].map(
    (promptTokens): Measurement => ({
      name: `cache-modes-${promptTokens}`,
      shape: 'qwen2-0.5b',
      precision: 'int4',
      runners: ['cache-modes'],
      task: { kind: 'own', promptTokens, newTokens: 32, frames: 0, threads: 1 },
      lines: [
        {
          what: `KV cache in place, decode at ${promptTokens}`,
          key: 'in-place',
          unit: 'tokens/s',
          goal: '-',
          against: { key: 'copied', name: 'new rows copied' },
        },
        {
          what: `KV cache in place, decode at ${promptTokens}`,
          key: 'in-place',
          unit: 'tokens/s',
          goal: '-',
          against: { key: 'returned', name: 'whole cache returned' },
        },
        {
          what: `guesses that are all right, decode at ${promptTokens}`,
          key: 'checked',
          unit: 'tokens/s',
          goal: '> 1',
          against: { key: 'in-place', name: 'step by step' },
        },
      ],
    }),
  ),
  ...gpuMeasurements('gpu', 'qwen2-0.5b', 'int4', PROMPT),
  // To see that it works where the GPU is one in software.
  ...gpuMeasurements('gpu-small', 'small', 'fp32', { ...PROMPT, promptTokens: 64, newTokens: 16 }),
  {
    name: 'gpu-question',
    shape: 'onevision-0.5b',
    precision: 'fp16',
    onGpu: true,
    runners: ['valley-gpu', 'valley'],
    task: QUESTION,
    lines: [
      { what: 'question on a clip of 8 frames, GPU: first word', key: 'firstWordMs', unit: 'ms', goal: '-' },
      { what: 'question on a clip of 8 frames, GPU: answer', key: 'answerPerSecond', unit: 'tokens/s', goal: '-' },
    ],
  },
]

/** Valley on a GPU against Valley on the CPU. */
function gpuMeasurements(name: string, shape: ShapeName, precision: Precision, task: Task): readonly Measurement[] {
  const { promptTokens } = task
  const lines: FigureLine[] = [
    { what: `GPU: decode at ${promptTokens} tokens of context`, key: 'decodePerSecond', unit: 'tokens/s', goal: '-' },
    { what: `GPU: prefill of ${promptTokens} tokens`, key: 'prefillPerSecond', unit: 'tokens/s', goal: '-' },
  ]
  return [{ name, shape, precision, onGpu: true, runners: ['valley-gpu', 'valley'], task, lines }]
}
