// The three ways in which Valley's published code writes a conversation, byte for byte, from its own documentation of them
// (shared reference valley.md, section 2).
import { createHash } from 'node:crypto'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildPackage } from '../../../src/model-build/build-package.ts'
import { PROMPT_TEMPLATES, type PromptFormat, VICUNA_SYSTEM } from '../../../src/model-build/valley-prompt.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import { PromptBuilder } from '../../../src/valley/prompt.ts'
import { familyCheckpoint } from '../../helpers/family-checkpoint.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

async function builderOf(settings: object): Promise<PromptBuilder> {
  const checkpointDirectory = join(temporaryFolder(), 'valley')
  const outputDirectory = join(temporaryFolder(), 'package')
  cpSync(familyCheckpoint('valley'), checkpointDirectory, { recursive: true })
  writeFileSync(join(checkpointDirectory, 'valley_config.json'), JSON.stringify(settings))
  await buildPackage({ checkpointDirectory, outputDirectory, precision: 'fp32' })
  return PromptBuilder.open(await openPackage(outputDirectory))
}

const say = (role: 'system' | 'user' | 'assistant', text: string) => ({
  role,
  content: [{ type: 'text' as const, text }],
})
const TALK = [say('system', 'S'), say('user', 'q1'), say('assistant', 'a1'), say('user', 'q2')]

const EXPECTED: Record<PromptFormat, string> = {
  training: 'S\n\n### Human: q1\n### Assistant: a1\n### Human: q2\n### Assistant:',
  completion: 'S\n\n### Human: q1 \n### Assistant: a1 \n### Human: q2 \n###',
  serving: 'S###Human: q1###Assistant: a1###Human: q2###Assistant:',
}

describe('a Valley checkpoint of 2023', () => {
  it.each(Object.keys(PROMPT_TEMPLATES) as PromptFormat[])(
    'is spoken to in the %s format on request',
    async (format) => {
      expect((await builderOf({ promptFormat: format })).render(TALK)).toBe(EXPECTED[format])
    },
  )

  it('is spoken to as in its training where nothing is said', async () => {
    expect((await builderOf({})).render(TALK)).toBe(EXPECTED.training)
  })

  it('gets the system prompt of the published settings', async () => {
    expect((await builderOf({})).render([say('user', 'q')])).toBe(`${VICUNA_SYSTEM}\n\n### Human: q\n### Assistant:`)
    expect(VICUNA_SYSTEM).toHaveLength(156)
    expect(createHash('sha256').update(VICUNA_SYSTEM).digest('hex')).toMatch(/^ace78a978005f68a/)
  })

  it('refuses a format that does not exist, naming the three', async () => {
    await expect(builderOf({ promptFormat: 'chat' })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/promptFormat.*training.*completion.*serving/),
    })
  })
})
