import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { smallFiles, weightFiles } from '../../../src/model-hub/choose-files.ts'
import { freeBytes, requireRoom } from '../../../src/model-hub/disk-space.ts'
import type { Repository } from '../../../src/model-hub/repository.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

function repository(...paths: string[]): Repository {
  const hash = { algorithm: 'sha256', value: '' } as const
  const files = paths.map((path) => ({ path, bytes: path === 'huge.json' ? 200_000_000 : 10, hash }))
  return { name: 'someone/a-model', revision: '', licence: null, licenceLink: null, files }
}

it('takes settings, tokenizer, template, card and licence, and leaves pictures, other weights and folders', () => {
  const wanted = ['config.json', 'tokenizer.model', 'chat_template.jinja', 'README.md', 'LICENSE.txt', 'merges.txt']
  const others = [
    'arch.png',
    'x.gguf',
    'flax_model.msgpack',
    '.gitattributes',
    'onnx/model.onnx',
    'huge.json',
    'run.py',
  ]
  expect(smallFiles(repository(...wanted, ...others)).map(({ path }) => path)).toEqual(wanted)
})

it('takes the shards that the index names, and not the same weights in another format', async () => {
  const folder = temporaryFolder()
  const weight_map = { a: 'model-1.safetensors', b: 'model-2.safetensors', c: 'model-1.safetensors' }
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map }))
  const names = ['model-1.safetensors', 'model-2.safetensors', 'consolidated.safetensors', 'pytorch_model.bin']
  const files = await weightFiles(repository('model.safetensors.index.json', ...names), folder)
  expect(files.map(({ path }) => path)).toEqual(['model-1.safetensors', 'model-2.safetensors'])
})

it('prefers safetensors to pickles and takes pickles where there is nothing else', async () => {
  const both = await weightFiles(repository('pytorch_model.bin', 'model.safetensors'), temporaryFolder())
  expect(both.map(({ path }) => path)).toEqual(['model.safetensors'])
  const one = await weightFiles(repository('pytorch_model.bin'), temporaryFolder())
  expect(one.map(({ path }) => path)).toEqual(['pytorch_model.bin'])
})

it('refuses a repository without weights, and an index that names what is not there', async () => {
  const folder = temporaryFolder()
  await expect(weightFiles(repository('x.gguf'), folder)).rejects.toMatchObject({ code: 'CHECKPOINT_UNSUPPORTED' })
  const index = JSON.stringify({ weight_map: { a: '../../x.safetensors' } })
  writeFileSync(join(folder, 'model.safetensors.index.json'), index)
  await expect(weightFiles(repository('model.safetensors.index.json'), folder)).rejects.toMatchObject({
    code: 'CHECKPOINT_INVALID',
    message: expect.stringContaining('"../../x.safetensors"'),
  })
})

it('asks for room where the folder will be, and says how much is missing', async () => {
  const place = join(temporaryFolder(), 'not', 'there', 'yet')
  await requireRoom(place, 1, 'One byte')
  const free = await freeBytes(place)
  await expect(requireRoom(place, free, 'The download')).rejects.toMatchObject({
    code: 'DISK_FULL',
    message: expect.stringMatching(/^The download need \d+ MB in .*yet, and \d+ MB are free there\. Make room/),
  })
})
