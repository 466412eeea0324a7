import { describe, expect, it } from 'vitest'
import { type Ticket, WorkQueue } from '../../../src/conversation/work-queue.ts'

/** A queue whose turns are named in the order they come; `end` lets the next in. */
function turns(queue: WorkQueue) {
  const order: string[] = []
  const places: Record<string, number[]> = {}
  const tickets: Record<string, Ticket> = {}
  const join = (name: string, userId: string, threadId = name, signal?: AbortSignal): Promise<void> => {
    const ticket = queue.join({ threadId, userId })
    tickets[name] = ticket
    places[name] = []
    return (async () => {
      for await (const ahead of ticket.places(signal)) places[name]!.push(ahead)
      order.push(name)
    })()
  }
  const end = async (name: string) => {
    tickets[name]!.release()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return { order, places, join, end, settle }
}

describe('the queue', () => {
  it('runs one at a time unless told otherwise', async () => {
    const { order, join, end, settle } = turns(new WorkQueue())
    void join('one', 'ann')
    void join('two', 'bob')
    await settle()
    expect(order).toEqual(['one'])
    await end('one')
    expect(order).toEqual(['one', 'two'])
    const both = turns(new WorkQueue({ concurrency: 2 }))
    void both.join('one', 'ann')
    void both.join('two', 'bob')
    await both.settle()
    expect(both.order).toEqual(['one', 'two'])
  })

  it('goes round between people, so that one who asks a lot does not hold up the others', async () => {
    const { order, join, end, settle } = turns(new WorkQueue())
    for (const name of ['ann 1', 'ann 2', 'ann 3', 'ann 4']) void join(name, 'ann')
    void join('bob 1', 'bob')
    void join('cem 1', 'cem')
    void join('bob 2', 'bob')
    await settle()
    for (let turn = 0; turn < 7; turn++) await end(order.at(-1)!)
    expect(order).toEqual(['ann 1', 'bob 1', 'cem 1', 'ann 2', 'bob 2', 'ann 3', 'ann 4'])
  })

  it('does not let somebody who comes back at once overtake those who wait', async () => {
    const { order, join, end, settle } = turns(new WorkQueue())
    void join('ann 1', 'ann')
    void join('ann 2', 'ann')
    void join('bob 1', 'bob')
    await settle()
    await end('ann 1')
    void join('bob 2', 'bob')
    await end('bob 1')
    expect(order).toEqual(['ann 1', 'bob 1', 'ann 2'])
  })

  it('keeps the order within a thread whoever asks, also when several run at once', async () => {
    const { order, join, end, settle } = turns(new WorkQueue({ concurrency: 2 }))
    void join('first', 'ann', 'thread')
    void join('second', 'bob', 'thread')
    void join('elsewhere', 'ann', 'other')
    await settle()
    expect(order).toEqual(['first', 'elsewhere'])
    await end('elsewhere')
    expect(order).toEqual(['first', 'elsewhere'])
    await end('first')
    expect(order).toEqual(['first', 'elsewhere', 'second'])
  })

  it('tells each how many come first, and again when that changes', async () => {
    const { places, join, end, settle } = turns(new WorkQueue())
    void join('one', 'ann')
    void join('two', 'ann')
    void join('three', 'ann')
    await settle()
    void join('guest', 'bob')
    await settle()
    await end('one')
    await end('guest')
    await end('two')
    expect(places).toEqual({ one: [], two: [1, 2, 1], three: [2, 3, 2, 1], guest: [1] })
  })

  it('lets one who waits leave, and the others move up', async () => {
    const { order, places, join, end, settle } = turns(new WorkQueue())
    const leave = new AbortController()
    const reason = new Error('enough')
    void join('one', 'ann')
    const leaving = join('two', 'bob', 'two', leave.signal)
    void join('three', 'cem')
    await settle()
    leave.abort(reason)
    await expect(leaving).rejects.toBe(reason)
    await end('two')
    await end('one')
    expect(order).toEqual(['one', 'three'])
    expect(places.three).toEqual([2, 1])
  })

  it('does not let one in who was gone before his turn', async () => {
    const queue = new WorkQueue()
    const ticket = queue.join({ threadId: 'a', userId: 'ann' })
    await expect(ticket.places(AbortSignal.abort(new Error('gone'))).next()).rejects.toThrow('gone')
  })

  it('is bounded, in all and for each person', () => {
    const queue = new WorkQueue({ maxWaiting: 3, maxWaitingPerUser: 2 })
    for (const threadId of ['running', 'a', 'b']) queue.join({ threadId, userId: 'ann' })
    expect(() => queue.join({ threadId: 'c', userId: 'ann' })).toThrow(
      expect.objectContaining({ code: 'QUEUE_FULL', details: { waiting: 2, limit: 2 } }),
    )
    const last = queue.join({ threadId: 'd', userId: 'bob' })
    expect(() => queue.join({ threadId: 'e', userId: 'cem' })).toThrow(
      expect.objectContaining({ code: 'QUEUE_FULL', details: { waiting: 3, limit: 3 } }),
    )
    last.release()
    queue.join({ threadId: 'e', userId: 'cem' })
  })
})

describe('work without the model', () => {
  it('waits for its own thread and for nothing else', async () => {
    const queue = new WorkQueue()
    const busy = queue.join({ threadId: 'busy', userId: 'ann' })
    const reset = queue.follow({ threadId: 'other', userId: 'ann' })
    expect(await reset.places().next()).toEqual({ done: true, value: undefined })
    const after = queue.follow({ threadId: 'busy', userId: 'bob' })
    const turn = after.places().next()
    let came = false
    void turn.then(() => {
      came = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(came).toBe(false)
    busy.release()
    expect(await turn).toEqual({ done: true, value: undefined })
  })
})

describe('a pause', () => {
  it('is when no question runs or waits', async () => {
    const queue = new WorkQueue()
    await queue.whenIdle()
    const first = queue.join({ threadId: 't1', userId: 'u1' })
    const second = queue.join({ threadId: 't2', userId: 'u2' })
    let isIdle = false
    const idle = queue.whenIdle().then(() => {
      isIdle = true
    })
    first.release()
    await Promise.resolve()
    expect(isIdle).toBe(false)
    second.release()
    await idle
  })

  it('is not waited for any longer when nobody wants it', async () => {
    const queue = new WorkQueue()
    queue.join({ threadId: 't1', userId: 'u1' })
    const stop = new AbortController()
    const idle = queue.whenIdle(stop.signal)
    stop.abort(new Error('enough'))
    await expect(idle).rejects.toThrow('enough')
  })
})
