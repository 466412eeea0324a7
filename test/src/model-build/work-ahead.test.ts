import { describe, expect, it } from 'vitest'
import type { StoragePass, StoredWeight } from '../../../src/model-build/stored-weight.ts'
import { WorkAhead } from '../../../src/model-build/work-ahead.ts'

/** A weight of so many rows of 1024 * 1024 values, each a part of its own; what it leaves behind follows it. */
function weights(name: string, rows: number, format: 'int8' | 'w8a8' = 'int8'): StoredWeight[] {
  const tensor = { name, dtype: 'BF16', shape: [rows, 1024 * 1024], path: name, offset: 0, bytes: 0 }
  const pass: StoragePass = {
    format,
    shape: [rows, 1024 * 1024],
    source: { kind: 'stored', name, tensor, firstRow: 0, rows },
  }
  const one = { elementType: 'uint8', dimensions: [], bytes: 0, pass, async *chunks() {} } as const
  return [
    { ...one, key: name },
    { ...one, key: `${name}:scales`, output: 1 },
  ]
}

/** Threads whose passes end in turns that only the test decides; they answer with name and row, and with the scale of it. */
function slowThreads(count: number) {
  let open = 0
  let most = 0
  const run = async ({ source }: StoragePass): Promise<Uint8Array[]> => {
    if (source.kind !== 'stored') throw new Error('only stored weights are asked for')
    most = Math.max(most, ++open)
    // Later ones are done first.
    await new Promise((resolve) => setTimeout(resolve, 3 - (source.firstRow % 4)))
    open--
    const text = `${source.name}${source.firstRow}+${source.rows} `
    return [Buffer.from(text), Buffer.from(text.toUpperCase())]
  }
  return { threads: { count, run }, mostAtOnce: () => most }
}

async function take(all: StoredWeight[], threads: { count: number; run(pass: StoragePass): Promise<Uint8Array[]> }) {
  const ahead = new WorkAhead(all, threads)
  let text = ''
  for (const weight of all) {
    for await (const piece of ahead.chunks(weight)) text += Buffer.from(piece).toString()
  }
  return text
}

describe('weights that are made ahead', () => {
  it('come in their order, each followed by what it left behind, however late a part of them is', async () => {
    const { threads } = slowThreads(2)
    expect(await take([...weights('a', 3), ...weights('b', 1), ...weights('c', 2)], threads)).toBe(
      'a0+1 a1+1 a2+1 A0+1 A1+1 A2+1 b0+1 B0+1 c0+1 c1+1 C0+1 C1+1 ',
    )
  })

  it('are made by all threads at once, also across small ones, and by no more than a few parts a thread', async () => {
    const { threads, mostAtOnce } = slowThreads(2)
    await take(Array.from({ length: 40 }, (_, index) => weights(`w${index}_`, 1)).flat(), threads)
    expect(mostAtOnce()).toBeGreaterThan(2)
    expect(mostAtOnce()).toBeLessThanOrEqual(6)
  })

  it('wait for each other where they cannot be cut and are large', async () => {
    const { threads, mostAtOnce } = slowThreads(8)
    // 64 Mi values each: two of them are more than may be under way.
    const large = ['a', 'b', 'c'].flatMap((name) => weights(name, 64, 'w8a8'))
    expect(await take(large, threads)).toBe('a0+64 A0+64 b0+64 B0+64 c0+64 C0+64 ')
    expect(mostAtOnce()).toBeLessThanOrEqual(2)
  })
})
