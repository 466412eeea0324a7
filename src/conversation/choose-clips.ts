// Which clips of its thread a question is about.
import { namedClips } from './clip-words.ts'
import { currentClipIds, type Thread } from './thread.ts'

/** The choice: clips by id, in the order to show them, or that the question names one that is not there. */
export type ChosenClips =
  | { readonly type: 'clips'; readonly clipIds: readonly string[] }
  | { readonly type: 'no-such-clip' }

/**
 * Chooses: clips that came with the question, those that it names, or else those that were spoken of last.
 * @param thread with the clips that came with the question; at least one
 * @param broughtIds ids of the clips that came with the question, in order
 */
export function chooseClips(text: string, thread: Thread, broughtIds: readonly string[]): ChosenClips {
  const named = namedIds(text, thread, broughtIds)
  if (named === 'no-such-clip') {
    // A question that brings its own clip has something to look at; the words may mean something else.
    return broughtIds.length > 0 ? { type: 'clips', clipIds: broughtIds } : { type: 'no-such-clip' }
  }
  const inOrder = (ids: ReadonlySet<string>) => thread.clips.flatMap(({ id }) => (ids.has(id) ? [id] : []))
  if (broughtIds.length > 0) {
    const others = inOrder(new Set(named ?? [])).filter((id) => !broughtIds.includes(id))
    return { type: 'clips', clipIds: [...others, ...broughtIds] }
  }
  return { type: 'clips', clipIds: named === null ? currentClipIds(thread) : inOrder(new Set(named)) }
}

function namedIds(
  text: string,
  thread: Thread,
  broughtIds: readonly string[],
): readonly string[] | null | 'no-such-clip' {
  const ids = thread.clips.map(({ id }) => id)
  const named = namedClips(text)
  switch (named?.type) {
    case undefined:
      return null
    case 'all':
      return ids
    case 'last':
      return ids.slice(-1)
    case 'both':
      // Two that came together are meant before any others.
      if (broughtIds.length >= 2) return broughtIds
      if (ids.length >= 2) return ids.slice(-2)
      return named.certain ? 'no-such-clip' : null
    case 'previous': {
      const current = broughtIds[0] ?? currentClipIds(thread)[0]
      const before = ids[ids.indexOf(current ?? '') - 1]
      // With the first of two in view, "the other clip" is the second.
      const other = before ?? (ids.length === 2 ? ids.find((id) => id !== current) : undefined)
      return other === undefined ? 'no-such-clip' : [other]
    }
    case 'numbers': {
      const found = named.numbers.map((number) => ids[number - 1])
      return found.every((id) => id !== undefined) ? found : 'no-such-clip'
    }
  }
}
