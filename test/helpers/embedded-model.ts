// The model that ships, with clips and questions of its own evaluation: what it says of them without any platform, and an
// answerer over it for one.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ClipAnswerer } from '../../src/answering/clip-answerer.ts'
import { Bot } from '../../src/conversation/bot.ts'
import type { ClipLocator } from '../../src/conversation/clip.ts'
import { localClip, locateLocalClip } from '../../src/conversation/locate-clip.ts'
import type { Reply } from '../../src/conversation/message.ts'
import { MemoryThreadStore } from '../../src/conversation/thread-store.ts'
import { openEngine } from '../../src/engine/engine.ts'
import type { Engine } from '../../src/engine/engine-api.ts'
import { readSuite } from '../../src/evaluation/suite.ts'
import { createLogger } from '../../src/logger.ts'
import { downloadClip } from '../../src/video/download-clip.ts'
import { DEFAULT_SEARCH_PATH } from '../../src/video/ffmpeg-process.ts'
import { openClip } from '../../src/video/open-clip.ts'
import { INSTALLED_TOOLS } from './make-clips.ts'
import { request } from './messages.ts'
import { endOf } from './open-conversation.ts'

/** Folder of the model that ships. */
export const MODEL = fileURLToPath(new URL('../../models/valley-sticker-world', import.meta.url))
/** The rules that come with it. */
export const MODERATION_RULES = join(MODEL, 'moderation.yaml')
const SUITE = join(MODEL, 'evaluation')

/** How many questions the tests of a busy model ask at once. */
export const ASKED_AT_ONCE = 10
/** What Discord and Slack give a bot to acknowledge a command. */
export const ACKNOWLEDGE_MS = 3000
/** Above what ten answers take on a busy machine. */
export const ANSWER_LIMIT_MS = 110_000

/** A clip with what is asked about it, in order. */
export interface AskedClip {
  readonly file: string
  readonly questions: readonly string[]
}

/** The model in its worker thread. */
export class EmbeddedModel {
  /** The clips of its evaluation with their questions. */
  readonly clips: readonly AskedClip[]
  readonly #engine: Engine

  private constructor(engine: Engine, clips: readonly AskedClip[]) {
    this.#engine = engine
    this.clips = clips
  }

  /** Opens it. The caller closes it. */
  static async open(): Promise<EmbeddedModel> {
    const suite = await readSuite(SUITE)
    const clips = suite.clips.map(({ file, questions }) => ({ file, questions: questions.map((one) => one.question) }))
    return new EmbeddedModel(await openEngine({ packageDirectory: MODEL, threads: 1 }), clips)
  }

  /** @param trustedHosts hosts on the loopback that clips may come from */
  answererOver(locateClip: ClipLocator, trustedHosts: readonly string[]): ClipAnswerer {
    return new ClipAnswerer({
      engine: this.#engine,
      locateClip,
      downloadClip: (source, watch) => downloadClip(source, { ...watch, trustedHosts }),
      openClip: (path, signal) =>
        openClip(path, { tools: { ...INSTALLED_TOOLS, searchPath: DEFAULT_SEARCH_PATH }, signal }),
    })
  }

  /** Asks all questions about a clip in one conversation without a platform. */
  async repliesTo({ file, questions }: AskedClip): Promise<Reply[]> {
    const bot = new Bot({
      answerer: this.answererOver(locateLocalClip, []),
      store: new MemoryThreadStore(),
      logger: createLogger('silent'),
    })
    const replies: Reply[] = []
    for (const [index, text] of questions.entries()) {
      const shown = index === 0 ? [localClip(join(SUITE, file))] : []
      replies.push(await endOf(bot.ask({ ...request({ threadId: `direct:${file}` }), text, clips: shown })))
    }
    return replies
  }

  close(): Promise<void> {
    return this.#engine.close()
  }
}

/** A clip of the evaluation as a person uploads it. */
export function fileOf({ file }: AskedClip): { readonly name: string; readonly bytes: Buffer } {
  return { name: file, bytes: readFileSync(join(SUITE, file)) }
}
