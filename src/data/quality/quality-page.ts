// The quality report as a page: distributions as bars, and samples with their storyboards beside what is said of them.
import type { DataRecord } from '../record.ts'
import { barChart } from './bar-chart.ts'
import type { Bar } from './distributions.ts'
import { type Html, html, pngAddress } from './html.ts'
import { type Quality, withoutMark } from './measure-quality.ts'
import { renderPage } from './page.ts'

/** A clip that was looked at, or why it could not be. */
export type SeenClip =
  | {
      readonly png: Uint8Array
      readonly widthPixels: number
      readonly heightPixels: number
      readonly durationSeconds: number
    }
  | { readonly problem: string }

/** A record with its clip. */
export interface ShownRecord {
  readonly record: DataRecord
  /** Null where no clips were looked at, or the record has none. */
  readonly clip: SeenClip | null
}

/** What the page says. */
export interface QualityPage {
  readonly title: string
  readonly files: readonly string[]
  readonly quality: Quality
  readonly leftOut: Readonly<Partial<Record<string, number>>>
  /** Lengths of clips, and of what they are: what records state, or some clips that were looked at. */
  readonly durations: { readonly bars: readonly Bar[]; readonly of: string }
  readonly shown: readonly ShownRecord[]
  readonly seed: number
}

/** Renders the page. */
export function renderQualityPage(page: QualityPage): string {
  const { title, files, quality, shown, seed, durations } = page
  const ofSample =
    quality.sampled === quality.records
      ? 'of all records'
      : `of ${quality.sampled.toLocaleString('en')} records, drawn by seed ${seed}`
  const leftOut = Object.entries(page.leftOut).map(([name, count = 0]) => ({ name, count }))
  const charts: readonly (readonly [name: string, of: string, bars: readonly Bar[], total?: number])[] = [
    ['Words of an answer', `mean ${quality.meanAnswerWords.toFixed(1)}`, quality.answerWords],
    ['Words of a question', '', quality.questionWords],
    ['Rounds of a dialogue', '', quality.turns],
    ['Tasks', '', quality.tasks],
    ['Sources', '', quality.sources],
    ['What is shown', '', quality.kinds],
    ['Length of the clips', durations.of, durations.bars],
    ['Languages', ofSample, quality.languages],
    ['Phrases that stand in so many records', ofSample, quality.phraseRecords],
    ...(leftOut.length === 0 ? [] : [['Left out, by reason', '', leftOut] as const]),
    ['Most frequent phrases of the answers', `in how many records, ${ofSample}`, quality.phrases, quality.sampled],
  ]
  const body = html`<h1>${title}</h1>
<p>${quality.records.toLocaleString('en')} records from ${files.join(', ')}. <span class="soft">${quality.sameWords.toLocaleString('en')} of ${quality.sampled.toLocaleString('en')} compared records say in their answers what another one says.</span></p>
<h2>Distributions</h2>
<div class="charts">${charts.map(([name, of, bars, total]) => html`<section><h3>${name} <span class="soft">${of}</span></h3>${barChart(bars, total)}</section>`)}</div>
<h2>Samples</h2>
<p class="soft">${shown.length} records, drawn by seed ${seed}.</p>
${shown.map(shownRecord)}`
  return renderPage({ title, body })
}

function shownRecord({ record, clip }: ShownRecord): Html {
  const { id, source, extra } = record
  const facts = [source, extra.type, clip !== null && 'png' in clip ? `${clip.durationSeconds.toFixed(1)} s` : null]
  const said = facts.filter((fact) => typeof fact === 'string').join(' · ')
  return html`<article><div>${storyboard(clip, record)}<p class="soft">${id}${said === '' ? '' : ` · ${said}`}</p></div>${dialogue(record)}</article>
`
}

/** The picture of a clip, or words in its place. */
export function storyboard(clip: SeenClip | null, { clip: named }: Pick<DataRecord, 'clip'>): Html {
  if (clip === null) return html`<p class="none">${named === null ? 'words alone' : named.files.join(', ')}</p>`
  if ('problem' in clip) return html`<p class="none">The clip cannot be shown: ${clip.problem}</p>`
  return html`<img src="${pngAddress(clip.png)}" width="${clip.widthPixels}" height="${clip.heightPixels}" alt="frames of the clip">`
}

/** Questions and answers of a record. */
export function dialogue({ turns }: Pick<DataRecord, 'turns'>): Html {
  return html`<dl>${turns.map(({ question, answer }) => html`<dt>${withoutMark(question)}</dt><dd>${answer}</dd>`)}</dl>`
}
