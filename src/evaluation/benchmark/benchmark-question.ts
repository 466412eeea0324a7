// One question of a published set, whatever its files look like: what is asked of which clip, and what would be right.

/** What a language model judges an answer for. `match` is whether it is right at all. */
export const AXES = ['match', 'correctness', 'detail', 'context', 'temporal', 'consistency'] as const
/** One of them. */
export type Axis = (typeof AXES)[number]

/** One of the answers to choose from. */
export interface Option {
  /** How it is named: `A`, `Caption B`. */
  readonly label: string
  readonly text: string
}

/** What would be right, and how answers are held against it. */
export type Expected =
  /** Any words; by rule where `match` is among the axes, else only by a judge. */
  | { readonly kind: 'open'; readonly answer: string; readonly axes: readonly Axis[] }
  /** `right` is the place of the option. With `isTold`, the answer is to describe it and only a judge can say which it is. */
  | { readonly kind: 'choice'; readonly options: readonly Option[]; readonly right: number; readonly isTold?: true }
  | { readonly kind: 'yes-no'; readonly isYes: boolean }

/** Which clip, and which part of it. */
export interface WantedClip {
  /** As the set names it; may lack its ending. */
  readonly name: string
  /** Other names that copies of the set give it. */
  readonly alsoNamed?: readonly string[]
  /** Folders below that of the clips where the set keeps it; looked into first. */
  readonly folders?: readonly string[]
  /** Only this part is shown, clip time. */
  readonly span?: ClipSpan
}

/** A part of a clip, both ends included. */
export interface ClipSpan {
  readonly fromSeconds: number
  readonly toSeconds: number
}

/** One question. */
export interface BenchmarkQuestion {
  /** Once in its set. */
  readonly id: string
  /** Row of the report: a task, a type of question, an aspect. */
  readonly group: string
  readonly clip: WantedClip
  /** Two where the set asks for the same thing twice, each in a conversation of its own; else one. */
  readonly questions: readonly string[]
  readonly expected: Expected
  /** Questions of a pair count together, too. */
  readonly pair?: { readonly id: string; readonly part: 'basic' | 'hallucination' }
}

/** A row of a file that is no question of its set. */
export interface WrongRow {
  readonly file: string
  /** Place in the file, from 1. */
  readonly row: number
  readonly problem: string
}

/** What was read of a set's files. */
export interface ReadBenchmark {
  readonly questions: readonly BenchmarkQuestion[]
  readonly wrong: readonly WrongRow[]
}
