import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BENCHMARKS } from '../../../../src/evaluation/benchmark/benchmarks.ts'
import { temporaryFolder } from '../../../helpers/temporary-folder.ts'

/** Writes files as their sets publish them, with rows made up here. @returns their folder */
function files(content: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder()
  for (const [name, value] of Object.entries(content)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value))
  }
  return folder
}

describe('MSVD-QA and MSRVTT-QA', () => {
  const rows = [
    { id: 0, video_id: 7, question: 'what is chasing a ball?', answer: 'dog' },
    { id: 1, video_id: 8, question: 'how many birds fly?', answer: 'two', category_id: 3 },
    { id: 2, video_id: 8, question: '', answer: 'two' },
  ]

  it('are rows with question and answer, counted by their question words; a row without a question is told', async () => {
    const file = join(files({ 'test_qa.json': rows }), 'test_qa.json')
    const { questions, wrong } = await BENCHMARKS['msrvtt-qa'].read([file])
    expect(questions).toEqual([
      {
        id: '0',
        group: 'what',
        clip: { name: 'video7' },
        questions: ['what is chasing a ball?'],
        expected: { kind: 'open', answer: 'dog', axes: ['match'] },
      },
      expect.objectContaining({ id: '1', group: 'how', clip: { name: 'video8' } }),
    ])
    expect(wrong).toEqual([{ file, row: 3, problem: expect.stringMatching(/^question: /) }])
  })

  it('find the other name of a clip of MSVD in the list beside their file', async () => {
    const folder = files({ 'test_qa.json': rows, 'youtube_mapping.txt': 'aBc_5_15 vid7\nxYz_0_4 vid9\n' })
    const { questions } = await BENCHMARKS['msvd-qa'].read([join(folder, 'test_qa.json')])
    expect(questions.map(({ clip }) => clip)).toEqual([{ name: 'vid7', alsoNamed: ['aBc_5_15'] }, { name: 'vid8' }])
  })

  it('are also read in two files, as evaluations of video models pass them on', async () => {
    const folder = files({
      'test_q.json': [{ video_name: 'xYz_0_4', question: 'who is singing?', question_id: 'v_xYz_0_4_0' }],
      'test_a.json': [{ answer: 'woman', question_id: 'v_xYz_0_4_0', type: 'who' }],
    })
    const { questions } = await BENCHMARKS['msvd-qa'].read([join(folder, 'test_q.json')])
    expect(questions).toMatchObject([{ id: 'v_xYz_0_4_0', clip: { name: 'xYz_0_4' }, expected: { answer: 'woman' } }])
  })
})

describe('ActivityNet-QA', () => {
  const asked = [
    { video_name: '1QIU', question: 'is the athlete wearing trousers', question_id: '1QIU_1' },
    { video_name: '1QIU', question: 'what color is the mat', question_id: '1QIU_2' },
    { video_name: '1QIU', question: 'who waits', question_id: '1QIU_3' },
  ]
  const answered = [
    { answer: 'yes', type: 3, question_id: '1QIU_1' },
    { answer: 'blue', type: 4, question_id: '1QIU_2' },
  ]

  it('joins questions and answers by their ids and names their types, whichever file is named', async () => {
    const folder = files({ 'test_q.json': asked, 'test_a.json': answered })
    for (const name of ['test_q.json', 'test_a.json']) {
      const { questions, wrong } = await BENCHMARKS['activitynet-qa'].read([join(folder, name)])
      expect(questions.map(({ id, group }) => [id, group])).toEqual([
        ['1QIU_1', 'yes or no'],
        ['1QIU_2', 'colour'],
      ])
      expect(questions[0]!.clip).toEqual({ name: 'v_1QIU', alsoNamed: ['1QIU'] })
      expect(wrong.map(({ row, problem }) => [row, problem])).toEqual([[3, 'question_id 1QIU_3 has no answer']])
    }
  })

  it('says which of the two files is not there', async () => {
    const folder = files({ 'test_q.json': asked })
    await expect(BENCHMARKS['activitynet-qa'].read([join(folder, 'test_q.json')])).rejects.toMatchObject({
      code: 'BENCHMARK_INVALID',
      message: expect.stringMatching(/holds questions alone, and .*test_a\.json is not there/),
    })
  })
})

describe('TempCompass', () => {
  it('reads the four ways of asking from the folder of its questions', async () => {
    const folder = files({
      'multi-choice.json': {
        '10': { action: [{ question: 'What is it doing?\nA. running\nB. sitting still', answer: 'B. sitting still' }] },
      },
      'yes_no.json': { '10': { speed: [{ question: 'Is it fast?', answer: 'no' }] } },
      'caption_matching.json': {
        '10_reverse': {
          attribute_change: [
            {
              question: 'Which one fits?\nCaption A: It grows.\nCaption B: It shrinks.',
              answer: 'Caption A: It grows.',
            },
            { question: 'Which one fits?\nOption 1: up\nOption 2: down', answer: 'Option 2: down' },
          ],
        },
      },
      'captioning.json': {
        '10': {
          direction: [
            {
              question:
                "Write it.\nInformation A: {'subject': 'cat', 'direction': 'to the left'}\nInformation B: {'subject': 'cat', 'direction': 'to the cat's right'}\nGenerated Caption:",
              answer: "B. to the cat's right",
            },
            { question: 'Write it.', answer: 'C. nothing' },
          ],
        },
      },
    })
    const { questions, wrong } = await BENCHMARKS['temp-compass'].read([folder])
    expect(questions.map(({ group, clip, expected }) => ({ group, clip: clip.name, expected }))).toEqual([
      {
        group: 'caption matching, attribute change',
        clip: '10_reverse',
        expected: {
          kind: 'choice',
          options: [
            { label: 'Caption A', text: 'It grows.' },
            { label: 'Caption B', text: 'It shrinks.' },
          ],
          right: 0,
        },
      },
      {
        group: 'caption matching, attribute change',
        clip: '10_reverse',
        expected: {
          kind: 'choice',
          options: [
            { label: 'Option 1', text: 'up' },
            { label: 'Option 2', text: 'down' },
          ],
          right: 1,
        },
      },
      {
        group: 'captioning, direction',
        clip: '10',
        expected: {
          kind: 'choice',
          options: [
            { label: 'A', text: 'to the left' },
            { label: 'B', text: "to the cat's right" },
          ],
          right: 1,
          isTold: true,
        },
      },
      {
        group: 'multi choice, action',
        clip: '10',
        expected: {
          kind: 'choice',
          options: [
            { label: 'A', text: 'running' },
            { label: 'B', text: 'sitting still' },
          ],
          right: 1,
        },
      },
      { group: 'yes no, speed', clip: '10', expected: { kind: 'yes-no', isYes: false } },
    ])
    expect(new Set(questions.map(({ id }) => id)).size).toBe(5)
    expect(wrong).toMatchObject([{ row: 2 }])
  })
})

describe('MVBench', () => {
  it('reads a task a file, looks where its clips come from, and keeps the part that is asked about', async () => {
    const folder = files({
      'action_sequence.json': [
        {
          ...{ video: 'ZS9XR.mp4', question: 'What happened after?', start: 11.1, end: 19.6, fps: 30 },
          ...{ candidates: ['Took a cup.', 'Closed a door.'], answer: 'Closed a door.' },
        },
      ],
      'moving_count.json': [
        { video: 'video_10.mp4', question: 'How many?', candidates: ['2', 3, '4'], answer: '3' },
        { video: 'video_11.mp4', question: 'How many?', candidates: ['2', '3'], answer: '9' },
      ],
    })
    const { questions, wrong } = await BENCHMARKS.mvbench.read([folder])
    expect(questions).toEqual([
      {
        id: 'action_sequence/1',
        group: 'action sequence',
        clip: {
          name: 'ZS9XR.mp4',
          folders: ['star/Charades_v1_480', 'video/star/Charades_v1_480'],
          span: { fromSeconds: 11.1, toSeconds: 19.6 },
        },
        questions: ['What happened after?'],
        expected: {
          kind: 'choice',
          options: [
            { label: 'A', text: 'Took a cup.' },
            { label: 'B', text: 'Closed a door.' },
          ],
          right: 1,
        },
      },
      expect.objectContaining({ group: 'moving count', expected: expect.objectContaining({ right: 1 }) }),
    ])
    expect(wrong).toMatchObject([{ row: 2, problem: 'the answer is none of the candidates' }])
  })
})

describe('VideoHallucer', () => {
  it('reads pairs of questions about what is shown and what is not', async () => {
    const half = (question: string, answer: string) => ({ video: '3.mp4', question, answer })
    const folder = files({
      'temporal/temporal.json': [
        { basic: half('First?', 'yes'), hallucination: half('Last?', 'no'), type: 'temporal_absolute' },
        { basic: half('First?', 'maybe'), hallucination: half('Last?', 'no') },
      ],
    })
    const { questions, wrong } = await BENCHMARKS['video-hallucer'].read([folder])
    expect(questions.map(({ id, group, expected, pair }) => ({ id, group, expected, pair }))).toEqual([
      {
        id: 'temporal/1/basic',
        group: 'temporal absolute',
        expected: { kind: 'yes-no', isYes: true },
        pair: { id: 'temporal/1', part: 'basic' },
      },
      {
        id: 'temporal/1/hallucination',
        group: 'temporal absolute',
        expected: { kind: 'yes-no', isYes: false },
        pair: { id: 'temporal/1', part: 'hallucination' },
      },
    ])
    expect(questions[0]!.clip.folders).toContain('temporal/videos')
    expect(wrong).toMatchObject([{ row: 2, problem: 'basic.answer: must be yes or no' }])
  })
})

describe('Video-ChatGPT', () => {
  it('judges each of its three files on its own axes', async () => {
    const folder = files({
      'generic_qa.json': [{ Q: 'What happens?', A: 'Rowing.', video_name: 'v_a' }],
      'temporal_qa.json': [{ Q: 'What comes first?', A: 'A splash.', video_name: 'v_a' }],
      'consistency_qa.json': [{ Q1: 'What?', Q2: 'Which thing?', A: 'A boat.', video_name: 'v_a' }],
    })
    const { questions } = await BENCHMARKS['video-chatgpt'].read([folder])
    expect(questions.map(({ questions: asked, expected }) => [asked.length, expected])).toEqual([
      [2, { kind: 'open', answer: 'A boat.', axes: ['consistency'] }],
      [1, { kind: 'open', answer: 'Rowing.', axes: ['correctness', 'detail', 'context'] }],
      [1, { kind: 'open', answer: 'A splash.', axes: ['temporal'] }],
    ])
  })
})

describe('files that are no files of a set', () => {
  it.each([
    ['that are not there', 'none.json', /none\.json cannot be read \(ENOENT\)/],
    ['that are no JSON', 'broken.json', /broken\.json is no JSON/],
    ['that hold no list', 'object.json', /object\.json holds object; a list of questions is needed/],
  ])('end with what is wrong: %s', async (_, name, message) => {
    const folder = files({ 'broken.json': '[{"video"', 'object.json': { a: 1 } })
    await expect(BENCHMARKS.mvbench.read([join(folder, name)])).rejects.toMatchObject({
      code: 'BENCHMARK_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it('end where a folder has none', async () => {
    await expect(BENCHMARKS.mvbench.read([temporaryFolder()])).rejects.toThrow(/has no \.json file/)
  })
})
