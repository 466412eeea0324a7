// Which rows of a table are in no set: those whose clip is missing, and those whose clip or caption was there before, the same
// or nearly.
import { join } from 'node:path'
import { contentHash } from '../file-content.ts'
import { type LeftOut, problemAt } from '../left-out.ts'
import { HashCounts } from '../phrases/hash-counts.ts'
import { contentOfWords, type PhraseFinder } from '../phrases/phrase-finder.ts'
import { hashText } from '../phrases/text-hash.ts'
import { readAhead } from '../read-ahead.ts'
import { ofPrefix, type SavedArrays, withPrefix } from '../saved-arrays.ts'
import type { ClipRow } from '../tables/clip-row.ts'
import { GrowingBits } from './growing-bits.ts'
import { NearCaptions } from './near-captions.ts'
import { type ClipEye, type ClipLook, NearClips } from './near-clips.ts'

/** What is compared, and how. */
export interface LikenessRules {
  /** From which share of the same word pairs on captions are alike; 1 goes by their words alone. */
  readonly captionLikeness: number
  /** Looks at the clips; null goes by their bytes alone. */
  readonly eye: ClipEye | null
}

/** How many rows were excluded for what. */
export interface ExcludedCounts {
  sameCaption: number
  nearCaption: number
  sameClip: number
  nearClip: number
  /** These two are left out and told, too. */
  missingClip: number
  unreadableClip: number
}

/** A row with what its clip holds: null for a clip that is missing, undefined where clips are not looked at. */
interface SeenRow {
  readonly row: ClipRow
  readonly content: string | null | undefined
  readonly look: ClipLook | null
}

/** Clips that are read and decoded at once. */
const CLIPS_AT_ONCE = 4

/** Goes through the rows of a table twice, and knows then which are excluded. */
export class ExcludedRows {
  readonly counts: ExcludedCounts
  readonly #clipsFolder: string | null
  readonly #finderOf: (row: ClipRow) => PhraseFinder
  readonly #eye: ClipEye | null
  readonly #excluded = new GrowingBits()
  #captions = new HashCounts()
  #clips = new HashCounts()
  #nearCaptions: NearCaptions | null
  #nearClips: NearClips | null

  constructor(
    clipsFolder: string | null,
    { captionLikeness, eye }: LikenessRules,
    finderOf: (row: ClipRow) => PhraseFinder,
    counts: ExcludedCounts,
  ) {
    this.counts = counts
    this.#clipsFolder = clipsFolder
    this.#finderOf = finderOf
    this.#eye = clipsFolder === null ? null : eye
    this.#nearCaptions = captionLikeness < 1 ? new NearCaptions(captionLikeness) : null
    this.#nearClips = this.#eye === null ? null : new NearClips(this.#eye)
  }

  /** Whether look() is to be called for every row before exclude(). */
  get needsLook(): boolean {
    return this.#nearCaptions !== null
  }

  /** First reading. */
  look(row: ClipRow): void {
    this.#nearCaptions?.look(this.#finderOf(row).wordsOf(row.caption))
  }

  /** Second reading, in the same order. Gives each row's number when it is dealt with. @param first number of the first row */
  async *exclude(rows: AsyncIterable<ClipRow>, first: number, leftOut: LeftOut): AsyncGenerator<number> {
    let index = first
    for await (const seen of readAhead(rows, CLIPS_AT_ONCE, (row) => this.#see(row))) {
      if (this.#isExcluded(seen, leftOut)) this.#excluded.set(index)
      yield index
      index += 1
    }
  }

  /** Whether the row of a number is excluded. */
  has(index: number): boolean {
    return this.#excluded.has(index)
  }

  /** Lets go of everything but which rows are excluded: all are known now. */
  finish(): void {
    this.#captions = new HashCounts()
    this.#clips = new HashCounts()
    this.#nearCaptions = null
    this.#nearClips = null
  }

  /** All tables as they are; not copies. */
  save(): SavedArrays {
    return {
      ...withPrefix('excluded', this.#excluded.save()),
      ...withPrefix('captions', this.#captions.save()),
      ...withPrefix('clips', this.#clips.save()),
      ...(this.#nearCaptions === null ? {} : withPrefix('nearCaptions', this.#nearCaptions.save())),
      ...(this.#nearClips === null ? {} : withPrefix('nearClips', this.#nearClips.save())),
    }
  }

  /** Takes over what save() gave. */
  restore(saved: SavedArrays): void {
    this.#excluded.restore(ofPrefix('excluded', saved))
    this.#captions.restore(ofPrefix('captions', saved))
    this.#clips.restore(ofPrefix('clips', saved))
    this.#nearCaptions?.restore(ofPrefix('nearCaptions', saved))
    this.#nearClips?.restore(ofPrefix('nearClips', saved))
  }

  async #see(row: ClipRow): Promise<SeenRow> {
    if (this.#clipsFolder === null) return { row, content: undefined, look: null }
    const path = join(this.#clipsFolder, row.clip)
    const content = await contentHash(path)
    const look = content === null || this.#eye === null ? null : await this.#eye.look(path)
    return { row, content, look }
  }

  #isExcluded({ row, content, look }: SeenRow, leftOut: LeftOut): boolean {
    const { counts } = this
    if (content === null) {
      counts.missingClip += 1
      leftOut.add(problemAt(row.file, row.row, 'missing-clip', row.clip))
      return true
    }
    if (content !== undefined && this.#clips.add(hashText(content)) > 0) {
      counts.sameClip += 1
      return true
    }
    if (this.#nearClips !== null && look === null) {
      counts.unreadableClip += 1
      leftOut.add(problemAt(row.file, row.row, 'unreadable-clip', row.clip))
      return true
    }
    if (look !== null && this.#nearClips?.isLikeEarlier(look) === true) {
      counts.nearClip += 1
      return true
    }
    const words = this.#finderOf(row).wordsOf(row.caption)
    if (this.#captions.add(hashText(contentOfWords(words))) > 0) {
      counts.sameCaption += 1
      return true
    }
    if (this.#nearCaptions?.isLikeEarlier(words) === true) {
      counts.nearCaption += 1
      return true
    }
    return false
  }
}
