import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readLabelledClips } from '../../../../src/moderation/replay/labelled-clips.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

function folderWith(labels: string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'labels.yaml'), labels)
  return folder
}

describe('readLabelledClips', () => {
  it('says of each clip which rules it touches, and for which it is not counted', async () => {
    const labels = 'clips:\n  - file: a.mp4\n    shows: [knives]\n  - file: b/c.mp4\n    unsure: [knives]\n'
    const folder = folderWith(labels)
    expect(await readLabelledClips(folder, ['knives'])).toEqual([
      { path: join(folder, 'a.mp4'), file: 'a.mp4', shows: new Set(['knives']), unsure: new Set() },
      { path: join(folder, 'b/c.mp4'), file: 'b/c.mp4', shows: new Set(), unsure: new Set(['knives']) },
    ])
  })

  it.each([
    ['no clips', 'clips: []\n', /labels\.yaml/],
    ['an unknown key', 'clips:\n  - file: a.mp4\n    show: [knives]\n', /show/],
    ['a rule that is not there', 'clips:\n  - file: a.mp4\n    shows: [forks]\n', /names forks; the rules are knives/],
    ['a clip above the folder', 'clips:\n  - file: ../a.mp4\n', /it must lie in the folder of the labels/],
    ['an absolute path', 'clips:\n  - file: /etc/passwd\n', /it must lie in the folder of the labels/],
  ])('refuses labels with %s in one line', async (_, labels, words) => {
    const reading = readLabelledClips(folderWith(labels), ['knives'])
    await expect(reading).rejects.toMatchObject({ code: 'POLICY_INVALID', message: expect.stringMatching(words) })
    await expect(reading).rejects.toMatchObject({ message: expect.not.stringContaining('\n') })
  })

  it('says what is needed where there are no labels', async () => {
    const reading = readLabelledClips(temporaryFolder(), ['knives'])
    await expect(reading).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      message: expect.stringContaining('cannot be read (ENOENT); a folder with clips and labels.yaml is needed'),
    })
  })
})
