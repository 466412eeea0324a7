// Protocol buffers by the examples of their own documentation (protobuf.dev, "Encoding").
import { expect, it } from 'vitest'
import { renameNode } from '../../../src/model-import/source-values.ts'
import { bytesField, joinBytes, numberField, readFields, textField, textOf } from '../../../src/model-import/wire.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const hex = (message: Uint8Array) => Buffer.from(message).toString('hex')

it('writes numbers, text and messages as the documentation has them', () => {
  expect(hex(numberField(1, 150))).toBe('089601')
  expect(hex(textField(2, 'testing'))).toBe('120774657374696e67')
  expect(hex(bytesField(3, numberField(1, 150)))).toBe('1a03089601')
})

it('reads fields of every type, each with the bytes that it is', () => {
  const message = bytes('08 96 01  12 07 74 65 73 74 69 6e 67  1d 01 02 03 04  21 01 02 03 04 05 06 07 08')
  const fields = [...readFields(message)]
  expect(fields.map(({ number, type }) => [number, type])).toEqual([
    [1, 0],
    [2, 2],
    [3, 5],
    [4, 1],
  ])
  expect(fields[0]!.value).toBe(150)
  expect(textOf(fields[1]!)).toBe('testing')
  expect(hex(joinBytes(fields.map(({ raw }) => raw)))).toBe(hex(message))
})

it('reads numbers beyond 32 bits', () => {
  expect([...readFields(numberField(9, 2 ** 40 + 1))][0]).toMatchObject({ number: 9, value: 2 ** 40 + 1 })
})

it.each([
  ['a number that does not end', '08 96', 'ends within a number'],
  ['text that is longer than the message', '12 07 74 65', 'longer than its message'],
  ['a length beyond all memory', '12 ff ff ff ff ff ff ff 7f', 'longer than its message'],
  ['a number of too many bytes', '08 ff ff ff ff ff ff ff ff ff ff 01', 'more than ten bytes'],
  ['a type that does not exist', '0b', 'of the type 3'],
])('refuses %s', (_, message, words) => {
  expect(() => [...readFields(bytes(message))]).toThrow(words)
})

/** A NodeProto with one attribute that holds a graph with one node. */
function nodeWithin(inner: Uint8Array): Uint8Array {
  const attribute = joinBytes([textField(1, 'body'), bytesField(6, bytesField(1, inner))])
  return joinBytes([
    textField(1, 'a'),
    textField(1, ''),
    textField(2, 'b'),
    textField(4, 'Loop'),
    bytesField(5, attribute),
  ])
}

it('renames values in nodes and in the graphs within them, and leaves an input out that was left out', () => {
  const inner = joinBytes([textField(1, 'x'), textField(2, 'y'), textField(3, 'x'), textField(4, 'Add')])
  const renamedInner = joinBytes([
    textField(1, 'source.x'),
    textField(2, 'source.y'),
    textField(3, 'x'),
    textField(4, 'Add'),
  ])
  const attribute = joinBytes([textField(1, 'body'), bytesField(6, bytesField(1, renamedInner))])
  const expected = [textField(1, 'source.a'), textField(1, ''), textField(2, 'source.b'), textField(4, 'Loop')]
  expect(hex(renameNode(nodeWithin(inner)))).toBe(hex(joinBytes([...expected, bytesField(5, attribute)])))
})

it('refuses a tensor within a node that lies in another file, however deep', () => {
  const tensor = joinBytes([textField(8, 'w'), numberField(14, 1)])
  const constant = joinBytes([textField(4, 'Constant'), bytesField(5, bytesField(5, tensor))])
  expect(() => renameNode(constant)).toThrow('a tensor within a node lies in another file')
  expect(() => renameNode(nodeWithin(nodeWithin(constant)))).toThrow('a tensor within a node lies in another file')
})

it('refuses graphs that lie in each other without end', () => {
  let node = textField(4, 'Add')
  for (let depth = 0; depth < 20; depth++) node = nodeWithin(node)
  expect(() => renameNode(node)).toThrow('deep in each other')
})
