// The published sets that Valley was trained on: how each names its clips, and how each writes its conversations.
// Sources: RupertLuo/Valley valley/data/dataset.py at 58f38ff (folders of videos and images); OpenGVLab/InternVideo
// Data/instruction_data (VideoChat's questions and answers).
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, type PathRule } from '../read-record.ts'

/** How a file is to be read. */
export interface Layout {
  readonly title: string
  /** @param clipsFolder the folder of clips, whose name may change the rule */
  readonly pathRule: (clipsFolder: string | null) => PathRule
  /** Turns a raw object of the file into the form of LLaVA. */
  readonly toLlava: (raw: unknown) => unknown
}

const asWritten: PathRule = (_, path, source) => ({ path, source })
const same = (raw: unknown) => raw

/** Published code adds the ending where the name has it nowhere, not only at its end. */
function withVideoEnding(name: string): string {
  return name.includes('.mp4') ? name : `${name}.mp4`
}

/** Videos lie in a folder named after their source, of WebVid where none is named. */
const bySource: PathRule = (kind, name, source) => {
  if (kind === 'image') return { path: name, source }
  const folder = source ?? 'webvid'
  return { path: `${folder}/${withVideoEnding(name)}`, source: folder }
}

/** COCO's pictures of 2014 carry their set in their names, which the rows leave out; those of 2017 do not. */
const ofCoco = (clipsFolder: string | null): PathRule => {
  const prefix = clipsFolder?.includes('train2014') ? 'COCO_train2014_' : ''
  return (_, name, source) => ({ path: name.startsWith('COCO_') ? name : prefix + name, source })
}

/** As training/ reads rows: a source names a folder where there is such a folder, and videos may lack their ending. */
const ofOwn = (clipsFolder: string | null): PathRule => {
  const isFolder = new Map<string, boolean>()
  return (kind, name, source) => {
    const file = kind === 'video' && !/\.[^./]+$/.test(name) ? `${name}.mp4` : name
    if (clipsFolder === null || source === null) return { path: file, source }
    if (!isFolder.has(source)) isFolder.set(source, existsSync(join(clipsFolder, source)))
    return { path: isFolder.get(source) ? `${source}/${file}` : file, source }
  }
}

/** VideoChat has its own form: `QA`, a list of question `q`, answer `a` and perhaps an instruction `i` in its place. */
function fromVideoChat(raw: unknown): unknown {
  if (!isObject(raw) || !Array.isArray(raw.QA)) return raw
  const { QA: pairs, ...rest } = raw
  const conversations = pairs.flatMap((pair: unknown) => {
    if (!isObject(pair)) return [pair]
    const question = typeof pair.q === 'string' && pair.q.trim() !== '' ? pair.q : pair.i
    return [
      { from: 'human', value: question },
      { from: 'gpt', value: pair.a },
    ]
  })
  const name = typeof raw.video === 'string' ? raw.video.replace(/\.mp4$/, '') : undefined
  return { ...(name === undefined ? {} : { id: name }), ...rest, conversations }
}

/** Layouts by the name that the command line knows. */
export const LAYOUTS = {
  llava: { title: 'the form of LLaVA, clips where training/ looks for them', pathRule: ofOwn, toLlava: same },
  'valley-702k': { title: 'Valley-702k (WebVid)', pathRule: () => bySource, toLlava: same },
  'valley-instruct-65k': {
    title: 'Valley-Instruct-65k (JukinMedia, VATEX)',
    pathRule: () => bySource,
    toLlava: same,
  },
  'videochat-11k': { title: 'VideoChat-instruct-11k', pathRule: () => asWritten, toLlava: fromVideoChat },
  'llava-instruct-150k': { title: 'LLaVA-Instruct-150k (COCO)', pathRule: ofCoco, toLlava: same },
  'llava-cc3m-595k': { title: 'LLaVA-CC3M-Pretrain-595k', pathRule: () => asWritten, toLlava: same },
} as const satisfies Readonly<Record<string, Layout>>

/** Name of a layout. */
export type LayoutName = keyof typeof LAYOUTS
