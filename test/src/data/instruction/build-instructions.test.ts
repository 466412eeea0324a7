import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { registerData } from '../../../../src/commands/data.ts'
import { LANGUAGES_FOLDER } from '../../../../src/commands/data-align.ts'
import {
  buildInstructionSet,
  type InstructionRequest,
  type Rejected,
} from '../../../../src/data/instruction/build-instructions.ts'
import { DIALOGUE_FORM } from '../../../../src/data/instruction/check-dialogue.ts'
import { type Recipe, readRecipe, TASK_NAMES } from '../../../../src/data/instruction/recipe.ts'
import { LeftOut } from '../../../../src/data/left-out.ts'
import type { LanguageWords } from '../../../../src/data/phrases/language-schema.ts'
import { readLanguages } from '../../../../src/data/phrases/read-language.ts'
import type { DataRecord } from '../../../../src/data/record.ts'
import { RememberingModel } from '../../../../src/language-model/ask-model.ts'
import { type ChatFault, type ChatReply, startChat, TOKENS } from '../../../doubles/chat-completions/chat-double.ts'
import { readRecords, writeData } from '../../../helpers/data-rows.ts'
import { runCommand } from '../../../helpers/run-command.ts'
import { PROJECT_ROOT } from '../../../helpers/source-files.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

let languages: ReadonlyMap<string, LanguageWords> = new Map()
let packaged: Recipe
beforeAll(async () => {
  languages = await readLanguages(join(PROJECT_ROOT, LANGUAGES_FOLDER))
  packaged = await readRecipe(join(PROJECT_ROOT, 'config/data/instructions.yaml'))
})

/** One task that short answers pass. */
function oneTask(): Recipe {
  const task = { weight: 1, needs: 'caption', prompt: 'Ask.', minTurns: 1, minWords: 2, maxWords: 30, minGrounded: 0.5 }
  return { ...packaged, tasks: { conversation: { ...task, needs: 'caption' as const } } }
}

const dialogue = (answer: string, question = 'What does it show?') => JSON.stringify({ turns: [{ question, answer }] })
/** A right dialogue about whatever thing the caption names. */
const rightly = (asked: { body: { messages: readonly { content: string }[] } }) => {
  const thing = /Caption: a (\w+)/.exec(asked.body.messages[1]!.content)![1]!
  return dialogue(`There is a ${thing} that moves over the wide grass.`, `What does the ${thing} do?`)
}

interface Changes extends Partial<InstructionRequest> {
  readonly cache?: string
  readonly captions?: readonly string[]
}

async function build(url: string, { cache = temporaryFolder(), captions = ['a dog runs'], ...changes }: Changes = {}) {
  const rows = captions.map((caption, index) => JSON.stringify({ clip: `${index}.mp4`, caption }))
  const request = {
    ...{ table: writeData('clips.jsonl', rows.join('\n')), recipe: oneTask(), languages, language: 'en' },
    ...{ seed: 0, concurrency: 3, limit: null, topUp: false },
    ...changes,
  }
  const generator = {
    baseUrl: url,
    model: 'writer-1',
    key: 'secret-key',
    temperature: 0.5,
    structure: 'schema',
    timeoutMs: 60_000,
  } as const
  const waits: number[] = []
  const model = new RememberingModel(generator, cache, undefined, async (ms) => waits.push(ms))
  const records: DataRecord[] = []
  const rejected: Rejected[] = []
  const counts = await buildInstructionSet(request, model, new LeftOut(), {
    write: async (record) => void records.push(record),
    reject: async (one) => void rejected.push(one),
  })
  return { counts, records, rejected, spent: model.spent, waits }
}

describe('an instruction set', () => {
  it('is written by a language model that is asked in the form of the chat completions API', async () => {
    const chat = await startChat(rightly)
    const { records } = await build(chat.url)
    expect(records).toEqual([
      {
        id: '0-conversation',
        clip: { kind: 'video', files: ['0.mp4'] },
        source: null,
        turns: [
          { question: 'What does the dog do?\n<video>', answer: 'There is a dog that moves over the wide grass.' },
        ],
        extra: { type: 'conversation' },
      },
    ])
    const [{ authorization, body }] = chat.seen as [(typeof chat.seen)[number]]
    expect(authorization).toBe('Bearer secret-key')
    expect(body).toMatchObject({ model: 'writer-1', temperature: 0.5, response_format: { type: 'json_schema' } })
    expect(body.messages.map(({ role }) => role)).toEqual(['system', 'user'])
    expect(body.messages[1]!.content).toBe('Caption: a dog runs')
    expect(body.messages[0]!.content).toContain('Language of questions and answers: English.')
  })

  it('is written from everything that a row tells: title, length, sentences with their times, objects with their boxes', async () => {
    const chat = await startChat(rightly)
    const row = {
      ...{ clip: '0.mp4', title: 'My dog', caption: 'a dog runs', duration: 'PT00H00M08S' },
      sentences: [
        { start: 0, end: 2.5, text: 'It sits.' },
        { start: 2.5, end: 8, text: 'It runs off.' },
      ],
      objects: [{ name: 'dog', box: [0.1, 0.2, 0.4, 0.9] }],
    }
    await build(chat.url, { table: writeData('rows.json', JSON.stringify([row])) })
    expect(chat.seen[0]!.body.messages[1]!.content.split('\n')).toEqual([
      'Title: My dog',
      'Length: 8 s',
      'Caption: a dog runs',
      '0 s to 2.5 s: It sits.',
      '2.5 s to 8 s: It runs off.',
      'Objects: [{"name":"dog","box":[0.1,0.2,0.4,0.9]}]',
    ])
  })

  it('stands in the order of the table, however long answers take, and only so many are asked at once', async () => {
    const captions = ['ox', 'cow', 'hen', 'pig', 'cat', 'bee', 'fox', 'owl'].map((thing) => `a ${thing} here`)
    const chat = await startChat(async (asked, number) => {
      await new Promise((resolve) => setTimeout(resolve, number % 2 === 0 ? 60 : 5))
      return rightly(asked)
    })
    const { records, counts } = await build(chat.url, { captions, concurrency: 3 })
    expect(records.map(({ id }) => id)).toEqual(captions.map((_, index) => `${index}-conversation`))
    expect(chat.mostAtOnce).toBe(3)
    expect(counts).toMatchObject({ rows: 8, written: { conversation: 8 }, rejected: {} })
  })

  it('costs nothing the second time, and tells what the first one took', async () => {
    const chat = await startChat(rightly)
    const cache = temporaryFolder()
    const captions = ['a dog runs', 'a cat sits']
    const first = await build(chat.url, { cache, captions })
    const [input, output] = [TOKENS.prompt_tokens * 2, TOKENS.completion_tokens * 2]
    expect(first.spent).toEqual({ asked: 2, remembered: 0, retries: 0, inputTokens: input, outputTokens: output })
    const second = await build(chat.url, { cache, captions })
    expect(second.spent).toEqual({ asked: 0, remembered: 2, retries: 0, inputTokens: 0, outputTokens: 0 })
    expect(second.records).toEqual(first.records)
    expect(chat.seen).toHaveLength(2)
  })

  it('goes on where a run was broken off', async () => {
    let refuses = true
    const chat = await startChat((asked, number) =>
      refuses && number > 2 ? { fault: { status: 401 } } : rightly(asked),
    )
    const cache = temporaryFolder()
    const captions = ['ox', 'cow', 'hen', 'pig', 'cat'].map((thing) => `a ${thing} here`)
    await expect(build(chat.url, { cache, captions, concurrency: 1 })).rejects.toMatchObject({
      code: 'GENERATOR_REFUSED',
    })
    refuses = false
    const { records, spent } = await build(chat.url, { cache, captions, concurrency: 1 })
    expect(records).toHaveLength(5)
    expect(spent).toMatchObject({ asked: 2, remembered: 3 })
  })

  it.each<[string, ChatFault, number]>([
    ['is busy and says for how long', { status: 429, retryAfterSeconds: 7 }, 7_000],
    ['fails', { status: 500 }, 1_000],
    ['breaks off in the middle', 'breaks-off', 1_000],
    ['answers with a page', 'a-page', 1_000],
  ])('asks again when the model %s', async (_, fault, waitMs) => {
    const chat = await startChat((asked, number) => (number === 0 ? { fault } : rightly(asked)))
    const { records, waits, spent } = await build(chat.url)
    expect(records).toHaveLength(1)
    expect(waits).toEqual([waitMs])
    expect(spent.retries).toBe(1)
  })

  it('is given up at once when somebody wishes so, also while it waits to ask again', async () => {
    const controller = new AbortController()
    const chat = await startChat(() => {
      setTimeout(() => controller.abort(new Error('enough')), 20)
      return { fault: { status: 429, retryAfterSeconds: 3600 } }
    })
    const generator = {
      baseUrl: chat.url,
      model: 'm',
      key: null,
      temperature: 0,
      structure: 'words',
      timeoutMs: 60_000,
    } as const
    const model = new RememberingModel(generator, temporaryFolder(), controller.signal)
    await expect(model.ask({ system: 'Ask.', user: 'Caption: a dog', form: DIALOGUE_FORM }, 0)).rejects.toThrow(
      'enough',
    )
    expect(chat.seen).toHaveLength(1)
  })

  it('ends with one line when the model stays away, and with another when it refuses', async () => {
    const away = await startChat(() => ({ fault: { status: 503 } }))
    await expect(build(away.url)).rejects.toMatchObject({ code: 'GENERATOR_UNREACHABLE' })
    expect(away.seen).toHaveLength(6)
    const refusing = await startChat(() => ({ fault: { status: 400 } }))
    await expect(build(refusing.url, { captions: ['a dog', 'a cat', 'a cow'] })).rejects.toThrow(
      /refuses with 400.*--structure/,
    )
  })

  it.each<[string, ChatReply, string]>([
    ['declines', { refusal: 'I cannot help with that.' }, 'refused'],
    ['is cut at its longest', { cutAt: '{"turns": [' }, 'cut-off'],
    ['writes no JSON', 'Here is a conversation!', 'not-the-form'],
    ['writes JSON of another form', '{"question": "a", "answer": "b"}', 'not-the-form'],
    ['writes no dialogue', '{"turns": []}', 'too-few-turns'],
    ['answers with nothing', dialogue('  '), 'empty'],
    ['writes a mark of its own', dialogue('There is a dog. <video>'), 'empty'],
    ['answers in a word', dialogue('Dog.'), 'too-short'],
    ['does not stop', dialogue('the dog runs and '.repeat(20)), 'too-long'],
    ['gives away what it read', dialogue('The caption says that the dog runs.'), 'gives-away'],
    [
      'answers in another language',
      dialogue('Der Hund ist da und läuft mit dem Ball auf der Wiese, a dog', 'Was ist das?'),
      'wrong-language',
    ],
    ['answers in Chinese', dialogue('一只狗在草地上跑，dog', '这是什么？'), 'wrong-language'],
    ['speaks of something else', dialogue('There is a whale in the sea of the north.'), 'not-grounded'],
    ['copies', dialogue('A dog runs'), 'copied'],
  ])('keeps apart with the reason what a model writes that %s', async (_, reply, rejection) => {
    const chat = await startChat(() => reply)
    const { records, rejected, counts } = await build(chat.url)
    expect(records).toEqual([])
    expect(rejected).toEqual([expect.objectContaining({ row: 1, id: '0', task: 'conversation', rejection })])
    expect(counts.rejected).toEqual({ [rejection]: 1 })
    // A second answer was asked for before it was given up.
    expect(chat.seen).toHaveLength(2)
  })

  it('takes the second answer where only the first is wrong, and JSON within a fence', async () => {
    const chat = await startChat((asked, number) =>
      number === 0 ? 'no JSON' : `\`\`\`json\n${rightly(asked)}\n\`\`\``,
    )
    const { records, rejected } = await build(chat.url)
    expect([records.length, rejected.length]).toEqual([1, 0])
  })

  it('keeps a dialogue that was there before apart', async () => {
    const chat = await startChat(() => dialogue('There is a dog that runs.'))
    const { counts } = await build(chat.url, { captions: ['a dog runs', 'a dog that runs'] })
    expect(counts).toMatchObject({ written: { conversation: 1 }, rejected: { duplicate: 1 } })
  })

  it('does not take a word for a giveaway that only holds one', async () => {
    const chat = await startChat(() => dialogue('There is a dog whose captions-like texture runs.'))
    const { records } = await build(chat.url)
    expect(records).toHaveLength(1)
  })
})

describe('a set that is topped up', () => {
  /** Two tasks of the same weight; each row suffices for both. */
  function twoTasks(): Recipe {
    const { conversation } = oneTask().tasks
    const ofTask = (prompt: string) => ({ ...conversation!, prompt })
    return { ...packaged, tasks: { conversation: ofTask('Talk.'), 'complex-reasoning': ofTask('Think.') } }
  }
  const captions = Array.from({ length: 42 }, (_, index) => `a dog${index} runs`)
  /** Reasoning fails for a third of the clips; whoever asks about the same clip again gets the same. */
  const reasonBadly = (asked: { body: { messages: readonly { content: string }[] } }) => {
    const number = Number(/dog(\d+)/.exec(asked.body.messages[1]!.content)![1])
    const isReasoning = asked.body.messages[0]!.content.startsWith('Think.')
    const thing = `dog${number}`
    if (isReasoning && number % 3 === 0) return 'no JSON'
    return dialogue(
      `There is a ${thing} that runs over the grass.`,
      isReasoning ? `Why does ${thing} run?` : `What is ${thing}?`,
    )
  }

  it('has as many dialogues of each task as were drawn for it, whatever was rejected', async () => {
    const chat = await startChat(reasonBadly)
    const recipe = twoTasks()
    const plain = await build(chat.url, { captions, recipe })
    const lost = plain.counts.rejected['not-the-form']!
    expect(lost).toBeGreaterThan(3)
    const cache = temporaryFolder()
    const topped = await build(chat.url, { captions, recipe, topUp: true, cache })
    expect(topped.counts.madeUp).toBe(lost)
    expect(topped.counts.written).toEqual({
      ...plain.counts.written,
      'complex-reasoning': plain.counts.written['complex-reasoning']! + lost,
    })
    // First what there is without, then the others, each clip once for a task.
    expect(topped.records.slice(0, plain.records.length)).toEqual(plain.records)
    expect(new Set(topped.records.map(({ id }) => id)).size).toBe(42)
    // The same however many are asked at once.
    const slow = await build(chat.url, { captions, recipe, topUp: true, concurrency: 1 })
    expect(slow.records).toEqual(topped.records)
    expect(slow.rejected.map(({ id }) => id)).toEqual(topped.rejected.map(({ id }) => id))
  })

  it('ends with the table where a task always fails', async () => {
    const chat = await startChat((asked) => {
      const isReasoning = asked.body.messages[0]!.content.startsWith('Think.')
      return isReasoning ? { refusal: 'No.' } : reasonBadly(asked)
    })
    const { counts, records } = await build(chat.url, {
      captions: captions.slice(0, 20),
      recipe: twoTasks(),
      topUp: true,
    })
    expect(counts).toMatchObject({ madeUp: 0, rejected: { refused: 20 } })
    expect(records).toHaveLength(counts.written.conversation!)
  })
})

describe('the packaged recipe', () => {
  it('has the five tasks of the paper, and giveaways in every language', () => {
    expect(Object.keys(packaged.tasks).toSorted()).toEqual([...TASK_NAMES].toSorted())
    expect(Object.keys(packaged.giveaways).toSorted()).toEqual([...languages.keys()].toSorted())
  })

  it('gives each clip one of the tasks by weight, those about causes only where there are sentences', async () => {
    const sentences = [
      { start: 0, end: 1, text: 'A man falls.' },
      { start: 1, end: 2, text: 'He laughs.' },
    ]
    const rows = Array.from({ length: 1800 }, (_, index) =>
      JSON.stringify({ clip: `${index}.mp4`, caption: 'a man', ...(index < 900 ? { sentences } : {}) }),
    )
    const asked = new Map<string, number>()
    const model = {
      ask: async ({ system }: { readonly system: string }) => {
        const name = TASK_NAMES.find((one) => system.startsWith(packaged.tasks[one]!.prompt.trim()))!
        asked.set(name, (asked.get(name) ?? 0) + 0.5)
        return { text: '', inputTokens: 0, outputTokens: 0, isRefused: true, isCut: false }
      },
    }
    const request = {
      ...{ table: writeData('clips.jsonl', rows.join('\n')), recipe: packaged, languages, language: 'en' },
      ...{ seed: 0, concurrency: 1, limit: null, topUp: false },
    }
    await buildInstructionSet(request, model, new LeftOut(), { write: async () => {}, reject: async () => {} })
    // Of nine weights with sentences, of seven without; five standard deviations of a binomial are below 110.
    const expected = {
      'detailed-description': 200 + 257,
      conversation: 300 + 386,
      'complex-reasoning': 200 + 257,
      'causal-inference': 100,
      'character-identification': 100,
    }
    for (const [name, count] of Object.entries(expected)) expect(Math.abs(asked.get(name)! - count)).toBeLessThan(110)
  })
})

describe('valley data generate', () => {
  it('writes a set, what it took, and what was rejected', async () => {
    const chat = await startChat((asked) =>
      asked.body.messages[1]!.content.includes('cat')
        ? { refusal: 'No.' }
        : dialogue('The dog in the clip is running over the grass. '.repeat(9), 'What does the dog do there?'),
    )
    const table = writeData('clips.csv', 'clip,caption\n1.mp4,a dog on grass\n2.mp4,a cat\n')
    const out = join(temporaryFolder(), 'rows.jsonl')
    const recipe = writeData(
      'recipe.yaml',
      JSON.stringify({ ...packaged, tasks: { 'detailed-description': packaged.tasks['detailed-description'] } }),
    )
    const cliArguments = [
      ...['data', 'generate', table, out, '--endpoint', chat.url, '--model', 'writer-1', '--recipe', recipe],
      ...['--price-input', '1', '--price-output', '10', '--stream', '--json', `${out}.report.json`],
    ]
    const { status, stdout, stderr } = await runCommand(registerData, cliArguments, { VALLEY_GENERATOR_KEY: 'k-1' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.split('\n').slice(0, 8)).toEqual([
      ...[
        'written: 1 of 2 rows',
        '  detailed-description: 1',
        'rejected: 1',
        '  refused: 1',
        'no task can be made of: 0',
      ],
      ...['answers: 3 asked, 0 remembered, 0 tries again', '3000 tokens read, 600 written, cost 0.0090', 'left out: 0'],
    ])
    expect(chat.seen.every(({ authorization, body }) => authorization === 'Bearer k-1' && body.stream === true)).toBe(
      true,
    )
    expect((await readRecords(out)).items.map(({ id }) => id)).toEqual(['1-detailed-description'])
    expect(JSON.parse(readFileSync(`${out}.report.json`, 'utf8'))).toMatchObject({
      made: { by: 'valley data generate', model: 'writer-1' },
      spent: { asked: 3, inputTokens: 3000, outputTokens: 600, cost: 0.009 },
      recipe: { tasks: { 'detailed-description': { weight: 2 } } },
    })
    expect(JSON.parse(readFileSync(`${out}.rejected.jsonl`, 'utf8'))).toMatchObject({ row: 3, rejection: 'refused' })
  })

  it('refuses options that do not fit, in one line', async () => {
    const cliArguments = ['data', 'generate', 'a.csv', 'b.jsonl', '--endpoint', 'ftp://x', '--model', 'm']
    const { status, stderr } = await runCommand(registerData, [...cliArguments, '--structure', 'xml'], {})
    expect(status).toBe(2)
    expect(stderr).toMatch(/^DATASET_INVALID: --endpoint ftp:\/\/x, --structure xml.* do not fit; .*\n$/)
  })
})
