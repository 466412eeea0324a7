// The pickle inside a .bin file, read by an interpreter that can build six kinds of values and nothing else. A pickle is a
// program; Python's own reader calls whatever function it names. Here a name is looked up in a table of data types, and an
// operation or a name that is not in the tables ends the reading: nothing is imported, nothing is called.
// Source: the opcodes of Python's pickle protocols 2 to 4 (Lib/pickletools.py), as far as torch.save uses them.
import { AppError } from '../errors.ts'
import { PickledStorage, PickledTensor, PickleList, PickleName, type PickleValue } from './pickle-values.ts'

const ORDERED_DICT = 'collections.OrderedDict'
const REBUILD_TENSOR = 'torch._utils._rebuild_tensor_v2'
const REBUILD_PARAMETER = 'torch._utils._rebuild_parameter'
/** Storage types by the name of their dtype in safetensors. */
const STORAGES: Readonly<Record<string, string>> = {
  'torch.FloatStorage': 'F32',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.DoubleStorage': 'F64',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
}
const KNOWN_NAMES = new Set([ORDERED_DICT, REBUILD_TENSOR, REBUILD_PARAMETER, ...Object.keys(STORAGES)])
const MARK = Symbol('mark')
const HIGHEST_PROTOCOL = 4
const MAX_TEXT_BYTES = 4096

/**
 * Reads a pickle.
 * @param path for error messages
 * @throws AppError CHECKPOINT_UNSUPPORTED for an operation or a name that is not allowed, CHECKPOINT_INVALID for a pickle
 *   that does not hold together
 */
export function readPickle(path: string, bytes: Uint8Array): PickleValue {
  return new PickleReader(path, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).read()
}

class PickleReader {
  readonly #path: string
  readonly #bytes: Buffer
  #at = 0
  readonly #stack: (PickleValue | typeof MARK)[] = []
  readonly #memo = new Map<number, PickleValue>()

  constructor(path: string, bytes: Buffer) {
    this.#path = path
    this.#bytes = bytes
  }

  read(): PickleValue {
    for (;;) {
      const at = this.#at
      const code = this.#take(1).readUInt8()
      if (code === 0x2e) return this.#pop() // STOP
      const operation = OPERATIONS[code]
      if (operation === undefined) {
        throw this.#refused(
          `uses the pickle operation 0x${code.toString(16)} at byte ${at}, which files of weights do not need`,
        )
      }
      operation(this)
    }
  }

  uint8 = (): number => this.#take(1).readUInt8()
  uint16 = (): number => this.#take(2).readUInt16LE()
  int32 = (): number => this.#take(4).readInt32LE()
  uint32 = (): number => this.#take(4).readUInt32LE()
  float64 = (): number => this.#take(8).readDoubleBE()

  /** A whole number of so many bytes, little-endian with sign; those beyond exact numbers are no sizes of anything. */
  long(bytes: number): number {
    let value = 0n
    const data = this.#take(Math.min(bytes, 9))
    for (const [index, byte] of data.entries()) value |= BigInt(byte) << BigInt(8 * index)
    const signed = Number(BigInt.asIntN(8 * data.length, value))
    if (bytes > 8 || !Number.isSafeInteger(signed)) throw this.#broken(`holds a number of ${bytes} bytes`)
    return signed
  }

  text(bytes: number): string {
    if (bytes > MAX_TEXT_BYTES)
      throw this.#broken(`holds a text of ${bytes} bytes; at most ${MAX_TEXT_BYTES} are allowed`)
    return this.#take(bytes).toString('utf8')
  }

  /** Two lines, module and name. */
  name(): void {
    this.pushName(this.#line(), this.#line())
  }

  pushName(module: PickleValue, own: PickleValue): void {
    // A value of another type is not spelled out: nested tuples could be endless.
    const name = typeof module === 'string' && typeof own === 'string' ? `${module}.${own}` : null
    if (name === null || !KNOWN_NAMES.has(name)) {
      throw this.#refused(`names ${JSON.stringify(name)}; only ${[...KNOWN_NAMES].join(', ')} are read`)
    }
    this.push(new PickleName(name))
  }

  protocol(): void {
    const version = this.uint8()
    if (version > HIGHEST_PROTOCOL)
      throw this.#refused(`is of protocol ${version}; at most ${HIGHEST_PROTOCOL} is read`)
  }

  push(value: PickleValue): void {
    this.#stack.push(value)
  }

  mark(): void {
    this.#stack.push(MARK)
  }

  popMarked(): PickleValue[] {
    const at = this.#stack.lastIndexOf(MARK)
    if (at === -1) throw this.#broken('ends a group that was not begun')
    return this.#stack.splice(at).slice(1) as PickleValue[]
  }

  tuple(count: number): void {
    const items = Array.from({ length: count }, () => this.#pop()).reverse()
    this.push(items)
  }

  remember(index: number): void {
    const value = this.#pop()
    this.#memo.set(index, value)
    this.push(value)
  }

  rememberNext(): void {
    this.remember(this.#memo.size)
  }

  recall(index: number): void {
    const value = this.#memo.get(index)
    if (value === undefined) throw this.#broken(`recalls value ${index}, which was not stored`)
    this.push(value)
  }

  appendAll(items: readonly PickleValue[]): void {
    const list = this.#pop()
    if (!(list instanceof PickleList)) throw this.#broken('appends to something that is no list')
    for (const item of items) list.items.push(item)
    this.push(list)
  }

  pop = (): PickleValue => this.#pop()

  setItems(items: readonly PickleValue[]): void {
    const target = this.#pop()
    if (!(target instanceof Map) || items.length % 2 !== 0)
      throw this.#broken('sets items of something that is no dict')
    for (let i = 0; i < items.length; i += 2) target.set(items[i]!, items[i + 1]!)
    this.push(target)
  }

  /** Attributes of an OrderedDict, which hold versions of modules; they are left out. */
  setState(): void {
    this.#pop()
    const target = this.#pop()
    if (!(target instanceof Map)) throw this.#refused('sets the state of something that is no OrderedDict')
    this.push(target)
  }

  /** A storage: ('storage', type, key, device, elements). */
  persistent(): void {
    const parts = this.#pop()
    const [kind, type, key, , elements] = Array.isArray(parts) ? (parts as PickleValue[]) : []
    const dtype = type instanceof PickleName ? STORAGES[type.name] : undefined
    if (kind !== 'storage' || dtype === undefined || typeof key !== 'string' || !isCount(elements)) {
      throw this.#refused('refers to something outside that is no storage of numbers')
    }
    this.push(new PickledStorage(dtype, key, elements))
  }

  /** What stands for a call in Python: here one of three data types is made. */
  reduce(): void {
    const given = this.#pop()
    const callee = this.#pop()
    const name = callee instanceof PickleName ? callee.name : ''
    const parts: readonly PickleValue[] = Array.isArray(given) ? (given as PickleValue[]) : []
    const built = buildValue(name, parts)
    if (built === null) {
      throw this.#refused(`builds ${name === '' ? 'something that is no known type' : `${name} of unexpected parts`}`)
    }
    this.push(built)
  }

  #pop(): PickleValue {
    const value = this.#stack.pop()
    if (value === undefined || value === MARK) throw this.#broken('takes a value that is not there')
    return value as PickleValue
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    if (end === -1 || end - this.#at > MAX_TEXT_BYTES) throw this.#broken('holds a name without an end')
    const line = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 1
    return line
  }

  #take(bytes: number): Buffer {
    if (this.#at + bytes > this.#bytes.length) throw this.#broken(`ends after ${this.#bytes.length} bytes, too early`)
    this.#at += bytes
    return this.#bytes.subarray(this.#at - bytes, this.#at)
  }

  #refused(problem: string): AppError {
    return new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `The pickle in ${this.#path} ${problem}. Nothing of it was run; use a checkpoint in safetensors.`,
      { details: { path: this.#path } },
    )
  }

  #broken(problem: string): AppError {
    return new AppError('CHECKPOINT_INVALID', `The pickle in ${this.#path} ${problem}. Fetch the checkpoint again.`, {
      details: { path: this.#path },
    })
  }
}

function buildValue(name: string, parts: readonly PickleValue[]): PickleValue {
  if (name === ORDERED_DICT) return parts.length === 0 ? new Map() : null
  if (name === REBUILD_PARAMETER) return parts[0] instanceof PickledTensor ? parts[0] : null
  if (name !== REBUILD_TENSOR) return null
  const [storage, first, shape, strides] = parts
  const isSound = storage instanceof PickledStorage && isCount(first) && isCounts(shape) && isCounts(strides)
  return isSound ? new PickledTensor(storage, first, shape, strides) : null
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isCounts(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && (value as PickleValue[]).every(isCount)
}

/** Every operation that is carried out, by its code. */
const OPERATIONS: Readonly<Record<number, (reader: PickleReader) => void>> = {
  128: (reader) => reader.protocol(), // PROTO
  149: (reader) => void reader.long(8), // FRAME
  78: (reader) => reader.push(null), // NONE
  136: (reader) => reader.push(true), // NEWTRUE
  137: (reader) => reader.push(false), // NEWFALSE
  75: (reader) => reader.push(reader.uint8()), // BININT1
  77: (reader) => reader.push(reader.uint16()), // BININT2
  74: (reader) => reader.push(reader.int32()), // BININT
  138: (reader) => reader.push(reader.long(reader.uint8())), // LONG1
  71: (reader) => reader.push(reader.float64()), // BINFLOAT
  88: (reader) => reader.push(reader.text(reader.uint32())), // BINUNICODE
  140: (reader) => reader.push(reader.text(reader.uint8())), // SHORT_BINUNICODE
  40: (reader) => reader.mark(), // MARK
  41: (reader) => reader.push([]), // EMPTY_TUPLE
  133: (reader) => reader.tuple(1), // TUPLE1
  134: (reader) => reader.tuple(2), // TUPLE2
  135: (reader) => reader.tuple(3), // TUPLE3
  116: (reader) => reader.push(reader.popMarked()), // TUPLE
  93: (reader) => reader.push(new PickleList()), // EMPTY_LIST
  97: (reader) => reader.appendAll([reader.pop()]), // APPEND
  101: (reader) => reader.appendAll(reader.popMarked()), // APPENDS
  125: (reader) => reader.push(new Map()), // EMPTY_DICT
  115: (reader) => reader.setItems([reader.pop(), reader.pop()].reverse()), // SETITEM
  117: (reader) => reader.setItems(reader.popMarked()), // SETITEMS
  113: (reader) => reader.remember(reader.uint8()), // BINPUT
  114: (reader) => reader.remember(reader.uint32()), // LONG_BINPUT
  148: (reader) => reader.rememberNext(), // MEMOIZE
  104: (reader) => reader.recall(reader.uint8()), // BINGET
  106: (reader) => reader.recall(reader.uint32()), // LONG_BINGET
  99: (reader) => reader.name(), // GLOBAL
  147: (reader) => {
    const own = reader.pop()
    reader.pushName(reader.pop(), own)
  }, // STACK_GLOBAL
  81: (reader) => reader.persistent(), // BINPERSID
  82: (reader) => reader.reduce(), // REDUCE
  98: (reader) => reader.setState(), // BUILD
}
