// The engine's worker thread: owns the model's sessions, and does many tasks at once by taking their runs in turns. ONNX
// Runtime blocks this thread while a graph runs; between runs the event loop turns, and that is when a cancel gets in.
import { parentPort, workerData } from 'node:worker_threads'
import { assert, assertNever } from '../assert.ts'
import { serializeError } from '../errors.ts'
import { openPackage } from '../model-package/open-package.ts'
import type { ClipEncoder } from '../valley/clip-encoder.ts'
import { Valley } from '../valley/valley.ts'
import { collectGarbage } from './collect-garbage.ts'
import { IdleClock } from './idle-clock.ts'
import { bytesForAnswers } from './memory-budget.ts'
import { ParkedConversations } from './parked-conversations.ts'
import type { TaskResult, WorkerOptions, WorkerReply, WorkerRequest, WorkerTask } from './protocol.ts'
import { sharedVisualTokens } from './shared-visual-tokens.ts'
import { StepScheduler } from './step-scheduler.ts'
import { ThreadContexts } from './thread-contexts.ts'
import { ThreadLines } from './thread-lines.ts'

type GenerateTask = Extract<WorkerTask, { type: 'generate' }>
type ScoreTask = Extract<WorkerTask, { type: 'score' }>

const port = parentPort
assert(port !== null, 'the engine worker runs as a worker thread')
const options = workerData as WorkerOptions
const reply = (message: WorkerReply) => port.postMessage(message)

const valley = await openModel()
if (valley !== null) serve(valley)

async function openModel(): Promise<Valley | null> {
  try {
    const modelPackage = await openPackage(options.packageDirectory)
    const { threads, device, halfPrecision } = options
    return await Valley.open(modelPackage, { intraOpThreads: threads, device, halfPrecision })
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
  const scheduler = new StepScheduler(model)
  const maxBytes = bytesForAnswers(options.device, options)
  const lines = new ThreadLines({ maxAtOnce: options.maxAnswersAtOnce, maxBytes })
  const idle = new IdleClock(options.idleMs, () => void threads.shed().then(collectGarbage))
  /** Of the tasks that wait or run. */
  const cancels = new Map<number, AbortController>()
  const tasks = new Set<Promise<void>>()

  port!.on('message', (message: WorkerRequest) => {
    switch (message.type) {
      case 'task': {
        cancels.set(message.id, new AbortController())
        const task = idle.during(perform(message.id, message.task))
        tasks.add(task)
        void task.then(() => tasks.delete(task))
        break
      }
      case 'cancel':
        cancels.get(message.id)?.abort()
        break
      case 'close':
        for (const cancel of cancels.values()) cancel.abort()
        void close()
        break
      default:
        assertNever(message)
    }
  })
  const { manifest, halfPrecision, towerNote } = model
  reply({ type: 'ready', manifest, halfPrecision, towerNote })

  async function close(): Promise<void> {
    await Promise.all(tasks)
    idle.stop()
    await parked?.close()
    await model.dispose()
    port!.close() // nothing else keeps the thread alive
  }

  async function perform(id: number, task: WorkerTask): Promise<void> {
    try {
      reply({ type: 'done', id, result: await runTask(id, task) })
    } catch (error) {
      reply({ type: 'failed', id, error: serializeError(error) })
    } finally {
      cancels.delete(id)
    }
  }

  function runTask(id: number, task: WorkerTask): Promise<TaskResult> {
    const { signal } = cancels.get(id)!
    switch (task.type) {
      case 'add-frame':
        return scheduler.do(async () => {
          const clip = clips.get(task.clip) ?? model.startClip(task)
          clips.set(task.clip, clip)
          await clip.addFrame(task.frame)
          return null
        })
      case 'finish-clip':
        return scheduler.do(async () => {
          const clip = clips.get(task.clip) ?? model.startClip({ kind: 'video' }) // without a frame, to fail with its error
          clips.delete(task.clip)
          const visualTokens = sharedVisualTokens(await clip.finish(task.key))
          return { visualTokens, timingsMs: clip.timer.totalsMs() }
        })
      case 'drop-clip':
        return scheduler.do(async () => {
          clips.delete(task.clip)
          return null
        })
      case 'generate':
        return lines.inThread(task.threadId, () => generate(id, task, signal))
      case 'score':
        return lines.inThread(task.threadId, () => score(task, signal))
      case 'forget':
        return lines.inThread(task.threadId, async () => {
          await threads.forget(task.threadId)
          return null
        })
      default:
        return assertNever(task)
    }
  }

  async function generate(id: number, { threadId, request }: GenerateTask, signal: AbortSignal): Promise<null> {
    const question = model.readQuestion(request)
    const rows = question.prompt.length + request.maxTokens
    await lines.inTurn({ bytes: rows * model.bytesPerToken, signal }, async () => {
      const conversation = await threads.use(threadId, question.prompt, rows * model.bytesPerToken)
      try {
        const run = model.startAnswer(question, conversation)
        await scheduler.answer(run, signal, (event) => reply({ type: 'event', id, event }))
      } finally {
        await model.settle(conversation)
        await threads.release(conversation)
      }
    })
    return null
  }

  async function score(task: ScoreTask, signal: AbortSignal) {
    const { threadId } = task
    const scoring = model.readScoring(task)
    const bytes = scoring.prompt.length * model.bytesPerToken
    return lines.inTurn({ bytes, signal }, async () => {
      const conversation = await threads.use(threadId, scoring.prompt, bytes)
      try {
        const run = model.startScoring(scoring, conversation)
        await scheduler.inChunks((chunkTokens) => run.step(chunkTokens, signal))
        return run.scores
      } finally {
        await model.settle(conversation)
        await threads.release(conversation)
      }
    })
  }
}
