// The script of the rating page: what was chosen stays in the page (local storage, where the browser has it), and goes out as
// a file. It runs in the rater's browser, from file:// and without network; so it is text here, and its hash is in the
// page's policy.

/** The script. It reads the element `page` and the forms of the page, and knows nothing of where items come from. */
export const RATING_SCRIPT = `
'use strict'
const page = JSON.parse(document.getElementById('page').textContent)
const place = 'valley-rating-' + page.id
const rater = document.getElementById('rater')
const status = document.getElementById('status')
let kept = { rater: '', values: {} }
try {
  kept = Object.assign(kept, JSON.parse(localStorage.getItem(place) || '{}'))
} catch {
  // No storage here: answers last as long as the page is open.
}
const keep = () => {
  try {
    localStorage.setItem(place, JSON.stringify(kept))
  } catch {
    status.title = 'This browser keeps nothing; save before you close the page.'
  }
}
const keyOf = (item, criterion) => item + ' ' + criterion
const show = () => {
  let done = 0
  for (const item of page.items) {
    const isDone = page.criteria.every((criterion) => kept.values[keyOf(item, criterion)] !== undefined)
    document.getElementById('item-' + item).classList.toggle('done', isDone)
    if (isDone) done += 1
  }
  status.textContent = done + ' of ' + page.items.length + ' rated'
}
rater.value = kept.rater
rater.addEventListener('input', () => {
  kept.rater = rater.value
  keep()
})
for (const input of document.querySelectorAll('input[type=radio]')) {
  const key = keyOf(input.dataset.item, input.dataset.criterion)
  input.checked = String(kept.values[key]) === input.value
  input.addEventListener('change', () => {
    kept.values[key] = input.dataset.number === undefined ? input.value : Number(input.value)
    keep()
    show()
  })
}
const ratings = () => page.items.flatMap((item) => page.criteria.flatMap((criterion) => {
  const value = kept.values[keyOf(item, criterion)]
  return value === undefined ? [] : [{ item, criterion, value }]
}))
const save = (name, type, text) => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
const fileName = (ending) => 'ratings-' + page.id + '-' + (kept.rater.replace(/[^\\p{L}\\p{N}]+/gu, '-') || 'nobody') + ending
const hasName = () => {
  if (kept.rater.trim() !== '') return true
  status.textContent = 'Write your name or a sign of yours first.'
  rater.focus()
  return false
}
document.getElementById('save-json').addEventListener('click', () => {
  if (!hasName()) return
  const all = { format: 'valley-ratings', version: 1, page: page.id, rater: kept.rater.trim(), ratings: ratings() }
  save(fileName('.json'), 'application/json', JSON.stringify(all, null, 2) + '\\n')
})
// A cell that begins like a formula is one to a spreadsheet.
const cell = (value) => '"' + String(value).replace(/^[=+@-]/, "'$&").replaceAll('"', '""') + '"'
document.getElementById('save-csv').addEventListener('click', () => {
  if (!hasName()) return
  const rows = ratings().map(({ item, criterion, value }) => [page.id, kept.rater.trim(), item, criterion, value])
  const lines = [['page', 'rater', 'item', 'criterion', 'value'], ...rows].map((row) => row.map(cell).join(','))
  save(fileName('.csv'), 'text/csv', lines.join('\\r\\n') + '\\r\\n')
})
show()
`
