// The measures of a run as a Markdown table, for a model card.
import type { Measure } from './measures.ts'

/** What the table is headed by. */
export interface TableHead {
  readonly suite: string
  readonly model: string
  readonly framesShuffled: boolean
  /** Shares that were aimed at, by the measure's name. */
  readonly goals: Readonly<Record<string, number>>
}

/** Renders the table with a line above it; ends with a line break. */
export function renderModelCardTable({ suite, model, framesShuffled, goals }: TableHead, measures: readonly Measure[]) {
  const rows = measures.map(({ name, cases, value, interval }) => {
    const goal = goals[name]
    const aimed = goal === undefined ? '–' : `${percent(goal)}, ${value >= goal ? 'reached' : 'missed'}`
    return [name, String(cases), percent(value), `${percent(interval.low)} to ${percent(interval.high)}`, aimed]
  })
  const head = ['measure', 'cases', 'share', '95 % interval', 'goal']
  const shuffled = framesShuffled ? ', frames in a wrong order' : ''
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return `${suite}, answered by ${model}${shuffled}\n\n${lines.join('\n')}\n`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
