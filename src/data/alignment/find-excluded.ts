// Which rows of a table are in no set: those whose clip is missing, and those whose clip or caption was there before, the same
// or nearly.
import { type LeftOut, problemAt } from '../left-out.ts'
import { HashCounts } from '../phrases/hash-counts.ts'
import { contentOfWords, type PhraseFinder } from '../phrases/phrase-finder.ts'
import { hashText } from '../phrases/text-hash.ts'
import { readAhead } from '../read-ahead.ts'
import { ofPrefix, type SavedArrays, withPrefix } from '../saved-arrays.ts'
import type { ClipRow } from '../tables/clip-row.ts'
import { GrowingBits } from './growing-bits.ts'
import { NearCaptions } from './near-captions.ts'
import { type ClipEye, NearClips } from './near-clips.ts'
import type { ClipSight, SeenClip } from './see-clip.ts'

/** What is compared, and how. */
export interface LikenessRules {
  /** From which share of the same word pairs on captions are alike; 1 goes by their words alone. */
  readonly captionLikeness: number
  /** How clips look; null goes by their bytes alone. */
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

/** Who looks at clips, and at how many at once. */
export interface Sight {
  readonly see: ClipSight
  readonly atOnce: number
}

/** A row with its clip; null where clips are not looked for. */
interface SeenRow {
  readonly row: ClipRow
  readonly clip: SeenClip | null
}

/** Goes through the rows of a table twice, and knows then which are excluded. */
export class ExcludedRows {
  readonly counts: ExcludedCounts
  readonly #sight: Sight | null
  readonly #finderOf: (row: ClipRow) => PhraseFinder
  readonly #excluded = new GrowingBits()
  #captions = new HashCounts()
  #clips = new HashCounts()
  #nearCaptions: NearCaptions | null
  #nearClips: NearClips | null

  /** @param sight null looks for no clips */
  constructor(
    sight: Sight | null,
    { captionLikeness, eye }: LikenessRules,
    finderOf: (row: ClipRow) => PhraseFinder,
    counts: ExcludedCounts,
  ) {
    this.counts = counts
    this.#sight = sight
    this.#finderOf = finderOf
    this.#nearCaptions = captionLikeness < 1 ? new NearCaptions(captionLikeness) : null
    this.#nearClips = sight === null || eye === null ? null : new NearClips(eye)
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
    for await (const seen of readAhead(rows, this.#sight?.atOnce ?? 1, (row) => this.#see(row))) {
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
    return { row, clip: this.#sight === null ? null : await this.#sight.see(row.clip) }
  }

  #isExcluded({ row, clip }: SeenRow, leftOut: LeftOut): boolean {
    return (clip !== null && this.#isClipExcluded(row, clip, leftOut)) || this.#isCaptionExcluded(row)
  }

  #isClipExcluded(row: ClipRow, { content, look }: SeenClip, leftOut: LeftOut): boolean {
    const { counts } = this
    if (content === null) {
      counts.missingClip += 1
      leftOut.add(problemAt(row.file, row.row, 'missing-clip', row.clip))
      return true
    }
    if (this.#clips.add(hashText(content)) > 0) {
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
    return false
  }

  #isCaptionExcluded(row: ClipRow): boolean {
    const { counts } = this
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
