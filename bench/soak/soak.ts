// Many questions at once over many threads, cancelled, reset and asked about other clips at random: nobody gets another's
// words, nothing is lost, and memory stays where it was after warming up.
import type { Engine, EngineMessage, GenerateRequest } from '../../src/engine/engine-api.ts'
import type { Frame } from '../../src/video/frame.ts'

/** How much is asked. */
export interface SoakOptions {
  readonly questions: number
  readonly threads: number
  readonly atOnce: number
}

/** What came of it. */
export interface SoakReport {
  readonly answered: number
  readonly cancelled: number
  /** Answers that were no longer those of the same question before, or not what was streamed: none, if all is well. */
  readonly mixed: number
  /** Questions whose stream ended without an end: none, if all is well. */
  readonly lost: number
  /** Resident memory of the process, bytes, at even distances. */
  readonly residentBytes: readonly number[]
}

const CLIPS = 5
const GREEDY = { temperature: 0, topP: 1, seed: 0, probe: false }
/** Kinds of words, clips, with and without clip, and lengths. */
const KINDS = 7 * CLIPS * 3 * 11
const SAMPLES = 40
const CANCELLED_SHARE = 0.2
const RESET_SHARE = 0.05
const CLIP_CHANGE_SHARE = 0.02

/** One soak of an engine. */
export class Soak {
  readonly #engine: Engine
  readonly #draw = numbers(7)
  readonly #seen = new Map<number, readonly number[]>()
  readonly #residentBytes: number[] = []
  #asked = 0
  #answered = 0
  #cancelled = 0
  #mixed = 0
  #lost = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Asks; the same questions in the same order each time, as far as the order is decided here. */
  async run({ questions, threads, atOnce }: SoakOptions): Promise<SoakReport> {
    for (let clip = 0; clip < CLIPS; clip++) await this.#encode(clip)
    const person = async () => {
      while (this.#asked < questions) {
        this.#asked += 1
        if (this.#asked % Math.ceil(questions / SAMPLES) === 0) this.#residentBytes.push(process.memoryUsage.rss())
        await this.#askAnything(threads)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, person))
    // Nobody is there any more: each question gives what it gave among the others.
    for (const number of [...this.#seen.keys()].slice(0, SAMPLES)) await this.#ask(`alone-${number}`, number, null)
    return {
      answered: this.#answered,
      cancelled: this.#cancelled,
      mixed: this.#mixed,
      lost: this.#lost,
      residentBytes: this.#residentBytes,
    }
  }

  async #askAnything(threads: number): Promise<void> {
    const number = Math.floor(this.#draw() * KINDS)
    const threadId = `thread-${Math.floor(this.#draw() * threads)}`
    const cancelAfter = this.#draw() < CANCELLED_SHARE ? Math.floor(this.#draw() * 4) : null
    if (this.#draw() < RESET_SHARE) await this.#engine.forget(threadId)
    // Looked at once more, while others ask about it.
    if (this.#draw() < CLIP_CHANGE_SHARE) await this.#encode(CLIPS + Math.floor(this.#draw() * CLIPS))
    await this.#ask(threadId, number, cancelAfter)
  }

  async #ask(threadId: string, number: number, cancelAfter: number | null): Promise<void> {
    const cancel = new AbortController()
    let deltas = 0
    let shown = ''
    try {
      const request = { threadId, ...questionOf(number), ...GREEDY, signal: cancel.signal }
      for await (const event of this.#engine.generate(request)) {
        if (event.type === 'prefill' && cancelAfter === 0) cancel.abort()
        if (event.type === 'delta') {
          shown += event.text
          deltas += 1
          if (deltas === cancelAfter) cancel.abort()
        }
        if (event.type !== 'end') continue
        if (shown !== event.answer) this.#mixed += 1
        if (event.finish === 'cancelled') this.#cancelled += 1
        else this.#compare(number, event.tokenIds)
        return
      }
      this.#lost += 1
    } catch (error) {
      if (!cancel.signal.aborted) throw error
      this.#cancelled += 1
    }
  }

  #compare(number: number, ids: readonly number[]): void {
    this.#answered += 1
    const before = this.#seen.get(number)
    if (before === undefined) this.#seen.set(number, ids)
    else if (before.join() !== ids.join()) this.#mixed += 1
  }

  async #encode(number: number): Promise<void> {
    const key = `clip-${number % CLIPS}`
    if (number >= CLIPS) this.#engine.dropClip(`spare-${key}`)
    await this.#engine.encodeClip({
      key: number < CLIPS ? key : `spare-${key}`,
      kind: 'video',
      frames: framesOf(number % CLIPS),
    })
  }
}

/** A question by its number. */
function questionOf(number: number): Pick<GenerateRequest, 'messages' | 'maxTokens'> {
  const text = { type: 'text', text: 'abcdefgh'.slice(0, 1 + (number % 7)) } as const
  const clip = { type: 'clip', key: `clip-${number % CLIPS}` } as const
  const messages: EngineMessage[] = [{ role: 'user', content: number % 3 === 0 ? [text] : [clip, text] }]
  return { messages, maxTokens: 1 + (number % 11) }
}

async function* framesOf(clip: number): AsyncGenerator<Frame> {
  const [widthPixels, heightPixels] = [40, 30]
  for (let frame = clip * 3; frame < clip * 3 + 2; frame++) {
    const rgb = Uint8Array.from(
      { length: widthPixels * heightPixels * 3 },
      (_, at) => (at * (7 + frame) + frame * 31) % 256,
    )
    yield { timeSeconds: frame, widthPixels, heightPixels, rgb }
  }
}

/** Numbers that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x80000000
  }
}
