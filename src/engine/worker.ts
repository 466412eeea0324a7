// The engine's worker thread: owns the model's sessions and does one task at a time, in the order of arrival. ONNX Runtime
// blocks this thread while a graph runs; between runs the event loop turns, and that is when a cancel gets in.
import { parentPort, workerData } from 'node:worker_threads'
import { assert, assertNever } from '../assert.ts'
import { serializeError } from '../errors.ts'
import { openPackage } from '../model-package/open-package.ts'
import type { ClipEncoder } from '../valley/clip-encoder.ts'
import { Valley } from '../valley/valley.ts'
import { ParkedConversations } from './parked-conversations.ts'
import type { TaskResult, WorkerOptions, WorkerReply, WorkerRequest, WorkerTask } from './protocol.ts'
import { sharedVisualTokens } from './shared-visual-tokens.ts'
import { ThreadContexts } from './thread-contexts.ts'

const port = parentPort
assert(port !== null, 'the engine worker runs as a worker thread')
const options = workerData as WorkerOptions
const reply = (message: WorkerReply) => port.postMessage(message)

const valley = await openModel()
if (valley !== null) serve(valley)

async function openModel(): Promise<Valley | null> {
  try {
    const modelPackage = await openPackage(options.packageDirectory)
    return await Valley.open(modelPackage, { intraOpThreads: options.threads })
  } catch (error) {
    reply({ type: 'open-failed', error: serializeError(error) })
    return null
  }
}

function serve(model: Valley): void {
  const clips = new Map<number, ClipEncoder>()
  const create = () => model.startConversation()
  const parked = options.parking === null ? null : new ParkedConversations(options.parking, create)
  const threads = new ThreadContexts(options, create, parked)
  /** Of the tasks that wait or run. */
  const cancels = new Map<number, AbortController>()
  let last: Promise<void> = Promise.resolve()

  port!.on('message', (message: WorkerRequest) => {
    switch (message.type) {
      case 'task':
        cancels.set(message.id, new AbortController())
        last = last.then(() => perform(message.id, message.task))
        break
      case 'cancel':
        cancels.get(message.id)?.abort()
        break
      case 'close':
        for (const cancel of cancels.values()) cancel.abort()
        last = last.then(async () => {
          await parked?.close()
          await model.dispose()
          port!.close() // nothing else keeps the thread alive
        })
        break
      default:
        assertNever(message)
    }
  })
  reply({ type: 'ready', manifest: model.manifest })

  async function perform(id: number, task: WorkerTask): Promise<void> {
    try {
      reply({ type: 'done', id, result: await runTask(id, task) })
    } catch (error) {
      reply({ type: 'failed', id, error: serializeError(error) })
    } finally {
      cancels.delete(id)
    }
  }

  async function runTask(id: number, task: WorkerTask): Promise<TaskResult> {
    switch (task.type) {
      case 'add-frame': {
        const clip = clips.get(task.clip) ?? model.startClip(task)
        clips.set(task.clip, clip)
        await clip.addFrame(task.frame)
        return null
      }
      case 'finish-clip': {
        const clip = clips.get(task.clip) ?? model.startClip({ kind: 'video' }) // without a frame, to fail with its error
        clips.delete(task.clip)
        const visualTokens = sharedVisualTokens(await clip.finish(task.key))
        return { visualTokens, timingsMs: clip.timer.totalsMs() }
      }
      case 'drop-clip':
        clips.delete(task.clip)
        return null
      case 'generate': {
        const question = model.readQuestion(task.request)
        const conversation = await threads.use(task.threadId, question.prompt)
        try {
          const run = model.startAnswer(question, conversation)
          for await (const event of model.finishAnswer(run, cancels.get(id)!.signal)) {
            reply({ type: 'event', id, event })
          }
          return null
        } finally {
          await threads.release(conversation)
        }
      }
      case 'score': {
        const scoring = model.readScoring(task.messages, task.continuations)
        const conversation = await threads.use(task.threadId, scoring.prompt)
        try {
          return await model.score(scoring, conversation, cancels.get(id)!.signal)
        } finally {
          await threads.release(conversation)
        }
      }
      case 'forget':
        await threads.forget(task.threadId)
        return null
      default:
        return assertNever(task)
    }
  }
}
