import { describe, expect, it } from 'vitest'
import { StopTexts } from '../../../src/valley/stopping.ts'

/** What is shown of the pieces, and whether it stopped. */
function show(stops: string[], pieces: string[]): { shown: string[]; rest: string; stopped: boolean } {
  const texts = new StopTexts(stops)
  const shown = pieces.map((piece) => texts.push(piece))
  return { shown, rest: texts.flush(), stopped: texts.stopped }
}

describe('StopTexts', () => {
  it('lets text through that has nothing to do with a stop text', () => {
    expect(show(['###'], ['a ', 'fox'])).toEqual({ shown: ['a ', 'fox'], rest: '', stopped: false })
  })

  it('cuts at a stop text inside one piece', () => {
    expect(show(['###'], ['a fox ### Human'])).toEqual({ shown: ['a fox '], rest: '', stopped: true })
  })

  it('finds a stop text that comes in pieces and shows nothing of it', () => {
    expect(show(['###'], ['fox#', '#', '#x'])).toEqual({ shown: ['fox', '', ''], rest: '', stopped: true })
  })

  it('gives back what did not become a stop text', () => {
    expect(show(['###'], ['a#', '#b', 'c'])).toEqual({ shown: ['a', '##b', 'c'], rest: '', stopped: false })
  })

  it('gives the held back text at the end', () => {
    expect(show(['###'], ['a##'])).toEqual({ shown: ['a'], rest: '##', stopped: false })
  })

  it('holds back only as much as can still become a stop text', () => {
    expect(show(['aab'], ['aaa', 'b'])).toEqual({ shown: ['a', ''], rest: '', stopped: true })
  })

  it('cuts at the first of several stop texts', () => {
    expect(show(['STOP', '\n'], ['one\ntwo STOP']).shown).toEqual(['one'])
  })

  it('shows nothing after it stopped', () => {
    expect(show(['.'], ['a.', 'b']).shown).toEqual(['a', ''])
  })

  it('lets everything through without stop texts', () => {
    expect(show([], ['a', 'b'])).toEqual({ shown: ['a', 'b'], rest: '', stopped: false })
  })
})
