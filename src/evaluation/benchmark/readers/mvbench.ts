// MVBench (Li and others 2024): twenty tasks, a file each, with options to choose from. The clips lie in folders named after
// the sets that they come from; where a row has start and end, only that part is asked about.
import { basename } from 'node:path'
import { z } from 'zod'
import type { BenchmarkQuestion, Option, ReadBenchmark, WantedClip, WrongRow } from '../benchmark-question.ts'
import { fitting, jsonFilesOf, readList } from '../read-rows.ts'

const text = z.string().trim().min(1)
const seconds = z.number().nonnegative()
const rowSchema = z
  .object({
    video: text,
    question: text,
    candidates: z.array(z.union([text, z.number()]).transform(String)).min(2),
    answer: z.union([text, z.number()]).transform(String),
    start: seconds.nullish(),
    end: seconds.nullish(),
  })
  .refine(({ candidates, answer }) => candidates.includes(answer), 'the answer is none of the candidates')

/** Where the files of each task say that its clips are, below the set's folder `video`. */
const FOLDERS: Readonly<Record<string, string>> = {
  action_sequence: 'star/Charades_v1_480',
  action_prediction: 'star/Charades_v1_480',
  action_antonym: 'ssv2_video',
  fine_grained_action: 'Moments_in_Time_Raw/videos',
  unexpected_action: 'FunQA_test/test',
  object_existence: 'clevrer/video_validation',
  object_interaction: 'star/Charades_v1_480',
  object_shuffle: 'perception/videos',
  moving_direction: 'clevrer/video_validation',
  action_localization: 'sta/sta_video',
  scene_transition: 'scene_qa/video',
  action_count: 'perception/videos',
  moving_count: 'clevrer/video_validation',
  moving_attribute: 'clevrer/video_validation',
  state_change: 'perception/videos',
  fine_grained_pose: 'nturgbd',
  character_order: 'perception/videos',
  egocentric_navigation: 'vlnqa',
  episodic_reasoning: 'tvqa/frames_fps3_hq',
  counterfactual_inference: 'clevrer/video_validation',
}

/** Reads its files. @param paths the folder `json`, or some of its files */
export async function readMvbench(paths: readonly string[]): Promise<ReadBenchmark> {
  const questions: BenchmarkQuestion[] = []
  const wrong: WrongRow[] = []
  for (const file of await jsonFilesOf(paths)) {
    const task = basename(file, '.json')
    for (const { row, place } of fitting(file, await readList(file), rowSchema, wrong)) {
      const options = row.candidates.map((words, index): Option => ({ label: letterOf(index), text: words }))
      questions.push({
        id: `${task}/${place}`,
        group: task.replaceAll('_', ' '),
        clip: clipOf(row, FOLDERS[task]),
        questions: [row.question],
        expected: { kind: 'choice', options, right: row.candidates.indexOf(row.answer) },
      })
    }
  }
  return { questions, wrong }
}

function clipOf({ video, start, end }: z.infer<typeof rowSchema>, folder: string | undefined): WantedClip {
  const hasSpan = typeof start === 'number' && typeof end === 'number' && end > start
  return {
    name: video,
    ...(folder === undefined ? {} : { folders: [folder, `video/${folder}`] }),
    ...(hasSpan ? { span: { fromSeconds: start, toSeconds: end } } : {}),
  }
}

function letterOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index)
}
