// What work inside a transaction may do, whatever library stands behind it.

/** What can stand in a column. */
export type ColumnValue = string | number | null
/** One row by column name. */
export type Row = Readonly<Record<string, ColumnValue | undefined>>

/** Statements within one transaction. */
export interface Connection {
  /** Runs one statement; returns how many rows it changed. */
  run(sql: string, ...values: readonly ColumnValue[]): number
  /** Runs one statement and returns its rows. */
  all(sql: string, ...values: readonly ColumnValue[]): Row[]
  /** Runs several statements that take no values. */
  script(sql: string): void
}
