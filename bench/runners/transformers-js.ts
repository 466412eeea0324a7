// Runs transformers.js on a clip's frames and a question as its own programs do: pictures through the processor, then
// generate(), whose streamer says when a word is there. argv: folder, threads.
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { IMAGE_TOKEN } from '../write-transformers-js.ts'
import { pictureOf } from './pictures.ts'
import { type Figures, serve, type Task } from './serve.ts'

/** The part of @huggingface/transformers 4 that is used; it is installed for the bench only, so its types are not at hand. */
interface TransformersModule {
  readonly env: { localModelPath: string; allowRemoteModels: boolean }
  readonly RawImage: new (data: Uint8Array, width: number, height: number, channels: number) => object
  readonly Tensor: new (type: string, data: BigInt64Array, dims: readonly number[]) => object
  readonly SiglipImageProcessor: new (
    config: object,
  ) => (images: readonly object[]) => Promise<{ readonly pixel_values: object }>
  readonly LlavaOnevisionForConditionalGeneration: {
    from_pretrained(id: string, options: object): Promise<{ generate(options: object): Promise<object> }>
  }
}

const [folder = '', threads] = process.argv.slice(2)
const PEER = new URL('../peers/node_modules/@huggingface/transformers/dist/transformers.node.mjs', import.meta.url).href
/** As long as the words around the clip in Valley's prompt. */
const QUESTION_TOKENS = 30
/** PIL's number for bicubic. */
const BICUBIC = 3
let nextPicture = 0

await serve(async () => {
  const { env, RawImage, Tensor, SiglipImageProcessor, LlavaOnevisionForConditionalGeneration } = (await import(
    PEER
  )) as TransformersModule
  env.localModelPath = dirname(folder)
  env.allowRemoteModels = false
  const model = await LlavaOnevisionForConditionalGeneration.from_pretrained(basename(folder), {
    dtype: 'fp32', // the name of the files; their products are in 4 and 8 bits
    device: 'cpu',
    session_options: { intraOpNumThreads: Number(threads) },
  })
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as {
    readonly tokens_per_frame: number
    readonly vision_config: { readonly image_size: number }
  }
  const side = config.vision_config.image_size
  const process = new SiglipImageProcessor({
    do_resize: true,
    size: { width: side, height: side },
    resample: BICUBIC,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  })

  return async ({ frames, newTokens }: Task): Promise<Figures> => {
    nextPicture++
    const pictures = Array.from({ length: frames }, (_, index) => pictureOf(index + nextPicture))
    const visual = Array<number>(frames * config.tokens_per_frame).fill(IMAGE_TOKEN)
    const words = Array.from({ length: QUESTION_TOKENS }, (_, at) => 10 + ((at * 37) % 240))
    const ids = [...words.slice(0, QUESTION_TOKENS / 2), ...visual, ...words.slice(QUESTION_TOKENS / 2)]

    const begun = performance.now()
    const images = pictures.map((one) => new RawImage(one.rgb, one.widthPixels, one.heightPixels, 3))
    const { pixel_values } = await process(images)
    const times: number[] = []
    await model.generate({
      input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]),
      attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), [1, ids.length]),
      pixel_values,
      max_new_tokens: newTokens,
      do_sample: false,
      // The prompt comes first.
      streamer: { put: () => times.push(performance.now()), end: () => {} },
    })
    const [, first = Number.NaN] = times
    return {
      firstWordMs: first - begun,
      answerPerSecond: ((times.length - 2) / (times.at(-1)! - first)) * 1000,
      memoryMiB: globalThis.process.memoryUsage.rss() / 2 ** 20,
    }
  }
})
