// One thing that is wrong with the settings. Problems are gathered and told together.

/** What is wrong, where, and what to do. */
export interface Problem {
  /** `environment`, or the settings file with line and column, e.g. `config/valley.yaml:12:3`. */
  readonly place: string
  /** The key, e.g. `limits.maxClipBytes`, or the variable; empty for the file as a whole. */
  readonly key: string
  /** The value seen, what is allowed and what to do; never a secret. */
  readonly text: string
}

/** A problem in one line. */
export function problemText({ place, key, text }: Problem): string {
  const where = place === 'environment' ? key : [place, key].filter((part) => part !== '').join(' ')
  return `${where}: ${text}`
}
