// The page that people rate on: storyboard and dialogue of each item, and the questions. Nothing in it says where an item
// comes from: no id, file, source, task or order of the sets.
import { type Html, html, jsonForScript, raw } from '../quality/html.ts'
import { renderPage } from '../quality/page.ts'
import { dialogue, type SeenClip, storyboard } from '../quality/quality-page.ts'
import { pageIdOf, type RatingItem } from './choose-items.ts'
import { type Criterion, SCALES, WRITER } from './criteria.ts'
import { RATING_SCRIPT } from './rating-script.ts'

/** An item with its clip. */
export interface ShownItem {
  readonly item: RatingItem
  readonly clip: SeenClip | null
}

/** Renders the page. @param title says nothing of origins */
export function renderRatingPage(title: string, shown: readonly ShownItem[]): string {
  const items = shown.map(({ item }) => item)
  const hasBoth = new Set(items.map(({ origin }) => origin)).size === 2
  const criteria = hasBoth ? [...SCALES, WRITER] : SCALES
  const page = { id: pageIdOf(items), items: items.map(({ id }) => id), criteria: criteria.map(({ name }) => name) }
  const body = html`<h1>${title}</h1>
<p>Look at the frames of each clip, from left to right and down, read what is said of it, and answer the questions below it. Your answers stay in this page; save them as a file at the end, and send that file to whoever asked you. Please rate alone.</p>
<div class="bar"><label>Name or sign <input type="text" id="rater" autocomplete="off" maxlength="80"></label><button type="button" id="save-json">Save as JSON</button><button type="button" id="save-csv">Save as CSV</button><span id="status" class="soft" role="status"></span></div>
${shown.map(({ item, clip }, index) => ratedItem(item, clip, index + 1, criteria))}
<script type="application/json" id="page">${raw(jsonForScript(page))}</script>`
  return renderPage({ title, body, script: RATING_SCRIPT })
}

function ratedItem(
  { id, record }: RatingItem,
  clip: SeenClip | null,
  number: number,
  criteria: readonly Criterion[],
): Html {
  // A file's name may tell where it comes from.
  const picture =
    clip === null ? html`<p class="none">no picture</p>` : storyboard('png' in clip ? clip : UNSEEN, record)
  return html`<article id="item-${id}"><div><h3>${number}</h3>${picture}</div><div>${dialogue(record)}${criteria.map((criterion) => question(id, criterion))}</div></article>
`
}

const UNSEEN: SeenClip = { problem: 'it could not be read' }

function question(item: string, { name, question: words, values, scale }: Criterion): Html {
  const choices = values.map(
    ([value, shown]) =>
      html`<label><input type="radio" name="${item} ${name}" value="${value}" data-item="${item}" data-criterion="${name}"${raw(scale === 'ordinal' ? ' data-number' : '')}> ${shown}</label>`,
  )
  return html`<fieldset><legend>${words}</legend>${choices}</fieldset>`
}

/** The key to a page, kept away from raters: who wrote which item. */
export function ratingKey(items: readonly RatingItem[]): Record<string, unknown> {
  const entries = items.map(({ id, origin, record }) => [
    id,
    { origin, record: record.id, clip: record.clip?.files ?? [] },
  ])
  return { format: 'valley-rating-key', version: 1, page: pageIdOf(items), items: Object.fromEntries(entries) }
}
