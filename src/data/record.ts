// One conversation about a clip, in the form of LLaVA and Valley: what every reader gives and every writer takes.

/** What a record shows. A list of images is the frames of one clip. */
export type ClipKind = 'video' | 'image'

/** The mark that stands in a question where the clip is to be seen. */
export const MARKS: Readonly<Record<ClipKind, string>> = { video: '<video>', image: '<image>' }

/** The clip of a record. */
export interface RecordClip {
  readonly kind: ClipKind
  /** Paths below the folder of clips, with `/`; one for a video, one or more for images. */
  readonly files: readonly string[]
}

/** A question and its answer. */
export interface RecordTurn {
  readonly question: string
  readonly answer: string
}

/** A conversation that was checked: its texts are not empty, and one question holds the clip's mark. */
export interface DataRecord {
  readonly id: string
  /** Null for words alone. */
  readonly clip: RecordClip | null
  /** Where the clip comes from, which is also the folder that published sets keep it in. */
  readonly source: string | null
  readonly turns: readonly RecordTurn[]
  /** Every other key that the record had, kept as it was. */
  readonly extra: Readonly<Record<string, unknown>>
}

/** The record as JSON has it, with its keys in the published order. */
export function toJsonRecord({ id, clip, source, turns, extra }: DataRecord): Record<string, unknown> {
  const conversations = turns.flatMap(({ question, answer }) => [
    { from: 'human', value: question },
    { from: 'gpt', value: answer },
  ])
  return { id, ...clipKeys(clip, source), ...extra, conversations }
}

/** Published sets name the folder by `source` and the file without it, and their own code puts the two together. */
function clipKeys(clip: RecordClip | null, source: string | null): Record<string, unknown> {
  if (clip === null) return source === null ? {} : { source }
  const isBelowSource = source !== null && clip.files.every((file) => file.startsWith(`${source}/`))
  const files = isBelowSource ? clip.files.map((file) => file.slice(source.length + 1)) : clip.files
  const value = files.length === 1 ? files[0] : files
  return { [clip.kind]: value, ...(source === null ? {} : { source }) }
}
