import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { registerData } from '../../../src/commands/data.ts'
import { readRecords, writeData } from '../../helpers/data-rows.ts'
import { runFfmpeg } from '../../helpers/make-clips.ts'
import { runCommand } from '../../helpers/run-command.ts'
import { PROJECT_ROOT } from '../../helpers/source-files.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const DEMO = join(PROJECT_ROOT, 'models/valley-sticker-world/demo')

it('valley data align --alike takes of a clip and its copy of another size and quality the first', async () => {
  const clips = temporaryFolder()
  copyFileSync(join(DEMO, 'moving.mp4'), join(clips, '0.mp4'))
  const again = ['-vf', 'scale=112:-2', '-c:v', 'libx264', '-crf', '32', '-threads', '1', join(clips, '1.mkv')]
  runFfmpeg(['-i', join(DEMO, 'moving.mp4'), ...again])
  copyFileSync(join(DEMO, 'one-after-another.mp4'), join(clips, '2.mp4'))
  writeFileSync(join(clips, '3.mp4'), 'no clip at all')
  const rows = ['0.mp4', '1.mkv', '2.mp4', '3.mp4'].map((clip, row) => JSON.stringify({ clip, caption: `thing${row}` }))
  const [table, out] = [writeData('clips.jsonl', rows.join('\n')), join(temporaryFolder(), 'set.jsonl')]
  const options = ['--clips', clips, '--alike', '--min', '1']
  const { stdout, stderr } = await runCommand(registerData, ['data', 'align', table, out, ...options], {})
  expect(stdout).toContain('written: 2 of 4 rows\n')
  expect(stdout).toContain('nearly the same caption: 0, alike clip: 1\n')
  expect(stderr).toMatch(/row 4: unreadable-clip, seen "3\.mp4"/)
  expect((await readRecords(out)).items.map(({ clip }) => clip?.files[0])).toEqual(['0.mp4', '2.mp4'])
})

it('valley data align --alike wants to know where the clips are', async () => {
  const { status, stderr } = await runCommand(registerData, ['data', 'align', 'a.csv', 'b.jsonl', '--alike'], {})
  expect(status).toBe(2)
  expect(stderr).toMatch(/^DATASET_INVALID: --alike looks at clips; .*--clips\.\n$/)
})
