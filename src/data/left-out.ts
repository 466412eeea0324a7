// What of a dataset could not be used. A wrong record never ends a run: it is told with file and row, the rest goes on, and
// the summary counts what was left out and why.

/** Every reason to leave something out, with what would be right. */
export const REASONS = {
  'not-utf8': 'texts are UTF-8',
  'not-json': 'a record is one JSON object',
  'cut-off': 'a file ends where a record ends',
  'too-long': 'a record has at most 16 MiB',
  'wrong-columns': 'a row has as many cells as the head line',
  'no-conversation': 'conversations are a list of human and gpt by turns, each question with its answer',
  'unknown-role': 'a turn is from human or gpt, by turns',
  'empty-question': 'a question has words',
  'empty-answer': 'an answer has words',
  'nul-byte': 'texts have no NUL',
  'two-clips': 'a record has one clip, a video or images',
  'bad-clip': 'a clip is a file name below the folder of clips; for images also a list',
  'two-marks': 'one question has one mark of the clip',
  'wrong-mark': 'the mark is that of the clip: <video> for a video, <image> for images, none without a clip',
  'missing-clip': 'the clip is in the folder of clips',
  'no-caption': 'a row has a caption',
  'no-clip': 'a row names its clip by a file or an address',
  'unreadable-clip': 'the clip can be decoded',
  'not-fetched': 'the clip can be had from its address',
} as const

/** Why something was left out. */
export type Reason = keyof typeof REASONS

/** One thing that was left out. */
export interface Problem {
  readonly file: string
  /** Line of a file of lines, place in a list, counted from 1. */
  readonly row: number
  readonly reason: Reason
  /** What was seen, shortened. */
  readonly seen: string
}

const MAX_SEEN_LENGTH = 80

/** Makes a problem; `seen` may be any value and is shortened. */
export function problemAt(file: string, row: number, reason: Reason, seen: unknown): Problem {
  const text = typeof seen === 'string' ? seen : (JSON.stringify(seen) ?? 'nothing')
  return {
    file,
    row,
    reason,
    seen: text.length > MAX_SEEN_LENGTH ? `${text.slice(0, MAX_SEEN_LENGTH)}…` : text,
  }
}

/** The problem as one line: file, row, what was seen, what would be right. */
export function problemText({ file, row, reason, seen }: Problem): string {
  return `${file} row ${row}: ${reason}, seen ${JSON.stringify(seen)}; ${REASONS[reason]}`
}

/** Counts what is left out. Memory does not grow with the problems. */
export class LeftOut {
  readonly #counts = new Map<Reason, number>()
  readonly #onProblem: (problem: Problem) => void

  /** @param onProblem told each problem as it is found */
  constructor(onProblem: (problem: Problem) => void = () => {}) {
    this.#onProblem = onProblem
  }

  /** Counts a problem and tells it. */
  add(problem: Problem): void {
    this.#counts.set(problem.reason, (this.#counts.get(problem.reason) ?? 0) + 1)
    this.#onProblem(problem)
  }

  /** Counts what an earlier run left out and told. */
  addCounts(counts: Readonly<Partial<Record<Reason, number>>>): void {
    for (const [reason, count] of Object.entries(counts) as [Reason, number][]) {
      if (count > 0) this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count)
    }
  }

  /** How many were left out. */
  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  /** How many for each reason, most frequent first. */
  get counts(): Readonly<Partial<Record<Reason, number>>> {
    return Object.fromEntries([...this.#counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)))
  }
}
