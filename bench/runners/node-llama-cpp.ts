// Runs node-llama-cpp on a GGUF file: a prompt, then greedy tokens, with flash attention. argv: file, threads.
import { type Figures, serve, type Task } from './serve.ts'

/** The part of node-llama-cpp 3 that is used; it is installed for the bench only, so its types are not at hand. */
interface LlamaModule {
  getLlama(options: object): Promise<{
    loadModel(options: object): Promise<{ createContext(options: object): Promise<LlamaContext> }>
  }>
}
interface LlamaContext {
  getSequence(): {
    evaluate(tokens: readonly number[], options: object): AsyncGenerator<number>
    clearHistory(): Promise<void>
    dispose(): void
  }
}

const [file, threads] = process.argv.slice(2)
const PEER = new URL('../peers/node_modules/node-llama-cpp/dist/index.js', import.meta.url).href

await serve(async () => {
  const { getLlama } = (await import(PEER)) as LlamaModule
  const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error', maxThreads: Number(threads) })
  const model = await llama.loadModel({ modelPath: file, useMmap: true })
  const options = { contextSize: 4096, batchSize: 512, flashAttention: true, threads: Number(threads) }
  const context = await model.createContext(options)
  const sequence = context.getSequence()

  return async ({ promptTokens, newTokens }: Task): Promise<Figures> => {
    await sequence.clearHistory()
    const prompt = Array.from({ length: promptTokens }, (_, at) => 10 + ((at * 37) % 240))
    const begun = performance.now()
    let first = begun
    let last = begun
    let count = 0
    for await (const _ of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
      last = performance.now()
      if (count++ === 0) first = last
      if (count === newTokens) break
    }
    return {
      prefillPerSecond: (promptTokens / (first - begun)) * 1000,
      decodePerSecond: ((count - 1) / (last - first)) * 1000,
      memoryMiB: process.memoryUsage.rss() / 2 ** 20,
    }
  }
})
