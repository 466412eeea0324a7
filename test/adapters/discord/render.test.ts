import { describe, expect, it } from 'vitest'
import { MAX_CONTENT_LENGTH } from '../../../adapters/discord/limits.ts'
import { type RenderOptions, type ReplyState, renderReply } from '../../../adapters/discord/render.ts'
import type { Reply } from '../../../src/conversation/message.ts'
import { en } from '../../../src/conversation/texts/en.ts'

const OPTIONS: RenderOptions = {
  requestId: '1',
  threadId: 'discord:2',
  texts: en,
  mayAttach: true,
  maxParts: Number.POSITIVE_INFINITY,
}

const REPLY: Reply = { kind: 'answer', text: 'A cat.', notices: [], actions: [] }

function contents(state: Partial<ReplyState>, options: Partial<RenderOptions> = {}): string[] {
  const complete = { status: '', streamed: '', reply: null, ...state }
  return renderReply(complete, { ...OPTIONS, ...options }).map(({ content }) => content)
}

describe('a reply on its way', () => {
  it('shows what is being done until the first word', () => {
    expect(contents({ status: 'Looking at frames 3/8' })).toEqual(['-# Looking at frames 3/8'])
    expect(contents({ status: 'Looking at frames 3/8', streamed: ' ' })).toEqual(['-# Looking at frames 3/8'])
    expect(contents({ status: 'Answering', streamed: 'A cat' })).toEqual(['A cat'])
  })

  it('can be stopped', () => {
    const [part] = renderReply({ status: 'x', streamed: '', reply: null }, OPTIONS)
    expect(part?.components[0]?.components).toMatchObject([{ label: 'Stop', custom_id: 'stop 1' }])
  })
})

describe('a reply that ended', () => {
  it('has its notices in small print below', () => {
    const reply = { ...REPLY, notices: [en.cutShort, en.turnsDropped(1)] }
    expect(contents({ streamed: 'A cat.', reply })).toEqual([`A cat.\n-# ${en.cutShort}\n-# ${en.turnsDropped(1)}`])
  })

  it('by a stop says so below the words', () => {
    expect(contents({ streamed: 'A ', reply: { ...REPLY, kind: 'cancelled', text: 'A ' } })).toEqual(['A\n-# Stopped.'])
  })

  it('by a stop before the first word says only that', () => {
    expect(contents({ reply: { ...REPLY, kind: 'cancelled', text: en.cancelled } })).toEqual([en.cancelled])
  })

  it('by a failure in the middle keeps the words and says why', () => {
    const reply: Reply = { ...REPLY, kind: 'refusal', text: en.errors.TIMED_OUT, code: 'TIMED_OUT' }
    expect(contents({ streamed: 'A ', reply })).toEqual([`A\n\n${en.errors.TIMED_OUT}`])
    expect(contents({ reply })).toEqual([en.errors.TIMED_OUT])
  })

  it('gives a notice a message of its own where it does not fit', () => {
    const text = 'x'.repeat(MAX_CONTENT_LENGTH)
    expect(contents({ reply: { ...REPLY, text, notices: [en.cutShort] } })).toEqual([text, `-# ${en.cutShort}`])
  })

  it('is cut with a mark where no more messages are taken', () => {
    const text = 'word '.repeat(2000)
    const parts = contents({ reply: { ...REPLY, text } }, { maxParts: 2 })
    expect(parts).toHaveLength(2)
    expect(parts[1]).toMatch(/ …$/)
    expect(parts[1]!.length).toBeLessThanOrEqual(MAX_CONTENT_LENGTH)
  })
})
