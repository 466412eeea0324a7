import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { lacksDriver } from '../../../../src/onnx/devices/vulkan-drivers.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

const environment = {}

it('finds none where no folder names one', async () => {
  const folder = join(temporaryFolder(), 'icd.d')
  const there = { platform: 'linux', environment, folders: [folder] } as const
  expect(await lacksDriver(there)).toBe(true)
  mkdirSync(folder)
  writeFileSync(join(folder, 'notes.txt'), '')
  expect(await lacksDriver(there)).toBe(true)
  writeFileSync(join(folder, 'nvidia_icd.json'), '{}')
  expect(await lacksDriver(there)).toBe(false)
})

it('believes a variable that names one', async () => {
  const named = { VK_ICD_FILENAMES: '/opt/driver.json' }
  expect(await lacksDriver({ platform: 'linux', environment: named, folders: [] })).toBe(false)
  expect(await lacksDriver({ platform: 'linux', environment: { VK_ICD_FILENAMES: '' }, folders: [] })).toBe(true)
})

it('cannot tell where GPUs need no Vulkan', async () => {
  expect(await lacksDriver({ platform: 'darwin', environment, folders: [] })).toBe(false)
})
