// A dataset whose questions other machines ask: here one process that gives and one that answers, on a real Redis.
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerData } from '../../../src/commands/data.ts'
import { startChat } from '../../doubles/chat-completions/chat-double.ts'
import { readRecords, writeData } from '../../helpers/data-rows.ts'
import { RedisServer } from '../../helpers/redis-server.ts'
import { runCli } from '../../helpers/run-cli.ts'
import { runCommand } from '../../helpers/run-command.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

let server: RedisServer
beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server?.stop())

const RECIPE = {
  rules: 'Answer with JSON.',
  giveaways: {},
  tasks: {
    conversation: { weight: 1, prompt: 'Ask.', minTurns: 1, minWords: 2, maxWords: 30, minGrounded: 0 },
  },
}

describe('valley data generate --spread', () => {
  it('has its questions asked where `valley data work` runs, and writes the set as ever', async () => {
    let busy = true
    const chat = await startChat((asked) => {
      if (busy) {
        busy = false
        return { fault: { status: 429, retryAfterSeconds: 1 } }
      }
      const caption = /Caption: (.*)/.exec(asked.body.messages[1]!.content)![1]
      return JSON.stringify({
        turns: [{ question: `What is in the clip of ${caption}?`, answer: `It is ${caption}.` }],
      })
    })
    const environment = { VALLEY_REDIS_URL: server.url, VALLEY_GENERATOR_KEY: 'key-of-the-worker' }
    let worker: ChildProcess | null = null
    const ended = runCli({
      cliArguments: ['data', 'work', '--endpoint', chat.url, '--model', 'its-own-name', '--concurrency', '3'],
      temporaryFolder: temporaryFolder(),
      environment,
      onStart: (child) => {
        worker = child
      },
    })
    const captions = ['an ox', 'a cow', 'a hen', 'a pig', 'a cat', 'a bee']
    const rows = captions.map((caption, index) => JSON.stringify({ clip: `${index}.mp4`, caption }))
    const out = join(temporaryFolder(), 'rows.jsonl')
    const recipe = writeData('recipe.yaml', JSON.stringify(RECIPE))
    const { status, stdout, stderr } = await runCommand(
      registerData,
      [
        'data',
        'generate',
        writeData('clips.jsonl', rows.join('\n')),
        out,
        '--spread',
        '--model',
        'm',
        '--recipe',
        recipe,
      ],
      { VALLEY_REDIS_URL: server.url },
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('written: 6 of 6 rows\n')
    expect(stdout).toContain('answers: 6 asked, 0 remembered, 1 tries again\n6000 tokens read, 1200 written')
    expect((await readRecords(out)).items.map(({ turns }) => turns[0]!.answer)).toEqual(
      captions.map((caption) => `It is ${caption}.`),
    )
    const { authorization, body } = chat.seen[0]!
    expect([authorization, body.model]).toEqual(['Bearer key-of-the-worker', 'its-own-name'])
    expect(body.response_format?.type).toBe('json_schema')
    worker!.kill('SIGINT')
    expect((await ended).status).toBe(130)
  })

  it.each([
    [['--spread'], {}, /VALLEY_REDIS_URL is not set/],
    [['--spread', '--endpoint', 'http://x/v1'], {}, /--endpoint http:\/\/x\/v1 --spread.*do not fit/],
    [[], {}, /no --endpoint.*do not fit; an http address or --spread/],
  ])('refuses %j in one line', async (options, environment, said) => {
    const cliArguments = ['data', 'generate', 'a.csv', join(temporaryFolder(), 'b.jsonl'), '--model', 'm', ...options]
    const { status, stderr } = await runCommand(registerData, cliArguments, environment)
    expect(status).toBe(2)
    expect(stderr).toMatch(said)
    expect(stderr.split('\n')).toHaveLength(2)
  })
})
