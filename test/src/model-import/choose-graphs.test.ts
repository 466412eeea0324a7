import { expect, it } from 'vitest'
import { chooseGraphs, dataFilesOf, isTransformersJsLayout } from '../../../src/model-import/choose-graphs.ts'

/** As published in HuggingFaceTB/SmolVLM-Instruct, less what is of no use here. */
const FILES = ['', '_fp16', '_q4', '_q4f16', '_quantized', '_uint8', '_bnb4'].flatMap((suffix) => [
  `vision_encoder${suffix}.onnx`,
  `embed_tokens${suffix}.onnx`,
  `decoder_model_merged${suffix}.onnx`,
])
const DATA = [
  'decoder_model_merged.onnx_data',
  'decoder_model_merged_fp16.onnx_data',
  'decoder_model_merged_fp16.onnx_data_1',
]

it.each([
  ['fp32', 'vision_encoder.onnx', 'embed_tokens.onnx', 'decoder_model_merged.onnx'],
  ['fp16', 'vision_encoder_fp16.onnx', 'embed_tokens_fp16.onnx', 'decoder_model_merged_fp16.onnx'],
  ['int8', 'vision_encoder_quantized.onnx', 'embed_tokens_fp16.onnx', 'decoder_model_merged_quantized.onnx'],
  ['int4', 'vision_encoder_q4.onnx', 'embed_tokens_fp16.onnx', 'decoder_model_merged_q4.onnx'],
] as const)('takes for %s the files that are stored so', (precision, visionEncoder, embedTokens, decoder) => {
  expect(chooseGraphs([...FILES, ...DATA], precision, 'it')).toEqual({ visionEncoder, embedTokens, decoder })
})

it('takes what is finer where a file lacks, and nothing coarser', () => {
  const files = ['vision_encoder.onnx', 'embed_tokens.onnx', 'decoder_model_merged_q4f16.onnx']
  const chosen = { visionEncoder: 'vision_encoder.onnx', embedTokens: 'embed_tokens.onnx' }
  expect(chooseGraphs(files, 'int4', 'it')).toEqual({ ...chosen, decoder: 'decoder_model_merged_q4f16.onnx' })
  expect(() => chooseGraphs(files, 'int8', 'someone/a-model')).toThrow(
    expect.objectContaining({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringMatching(/^someone\/a-model has none of decoder_model_merged_quantized\.onnx, .* for int8/),
    }),
  )
})

it('takes the files of weights that belong to the chosen graphs', () => {
  const chosen = chooseGraphs([...FILES, ...DATA], 'fp16', 'it')
  expect(dataFilesOf([...FILES, ...DATA], chosen)).toEqual(DATA.slice(1))
})

it('knows the layout', () => {
  expect(isTransformersJsLayout(FILES)).toBe(true)
  expect(isTransformersJsLayout(['model.onnx', 'vision_encoder.onnx'])).toBe(false)
})
