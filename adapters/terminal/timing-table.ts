// What an answer cost, stage by stage, as a small table.
import type { AnswerReport } from '../../src/conversation/answerer.ts'

/** Stages in the order they run; a stage that did not run is left out. */
const STAGES = [
  'probe',
  'decode',
  'preprocess',
  'encode',
  'project',
  'pool',
  'prompt',
  'prefill',
  'generate',
  'total',
] as const

/** Renders milliseconds by stage of some answers, one column each, with tokens below; ends with a line break. */
export function timingTable(reports: readonly AnswerReport[]): string {
  const stages = STAGES.filter((stage) => reports.some(({ timingsMs }) => timingsMs[stage] !== undefined))
  const rows = [
    ['stage (ms)', ...reports.map((_, index) => `answer ${index + 1}`)],
    ...stages.map((stage) => [stage, ...reports.map(({ timingsMs }) => timingsMs[stage]?.toFixed(1) ?? '')]),
    ['prompt tokens', ...reports.map(({ promptTokenIds }) => String(promptTokenIds.length))],
    ['of them reused', ...reports.map(({ reusedTokens }) => String(reusedTokens))],
    ['answer tokens', ...reports.map(({ tokenIds }) => String(tokenIds.length))],
    ['tokens per second', ...reports.map(({ tokensPerSecond }) => tokensPerSecond.toFixed(1))],
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
    return cells.join('  ').trimEnd()
  })
  return `${lines.join('\n')}\n`
}
