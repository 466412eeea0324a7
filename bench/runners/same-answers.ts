// Whether answers are the same with everything that makes them fast as without. argv: package, threads.
import { openEngine } from '../../src/engine/engine.ts'
import { openPackage } from '../../src/model-package/open-package.ts'
import { answerAtOnce, promptsOfMixedLengths } from '../answers/answer-at-once.ts'
import { comparePlain } from '../answers/plain-path.ts'
import { type Figures, serve, type Task } from './serve.ts'

const [packageDirectory = '', threads] = process.argv.slice(2)

await serve(async () => async ({ prompts: count = 0, newTokens, threads: atOnce }: Task): Promise<Figures> => {
  const prompts = promptsOfMixedLengths(count)
  const engine = await openEngine({ packageDirectory, threads: Number(threads), maxAnswersAtOnce: atOnce })
  const answers = await answerAtOnce(engine, prompts, newTokens, atOnce).finally(() => engine.close())
  const modelPackage = await openPackage(packageDirectory)
  const compared = await comparePlain(modelPackage, Number(threads), prompts, answers)
  return { prompts: count, parted: compared.ties + compared.others, ...compared }
})
