// Paths of clips below the folder of clips, as files that strangers made name them.

/** Whether a path would lead out of the folder that it is below. */
export function leadsOut(path: string): boolean {
  return path.startsWith('/') || path.split(/[\\/]/).includes('..')
}
