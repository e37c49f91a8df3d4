import type { Field, Message } from './message.js'
import { MalformedMessageError, WireReader } from './reader.js'

type Values = Record<string, unknown>

const DEEPEST = 64

/**
 * Reads a message in the binary format of Protocol Buffers. Its object has no prototype and every field of the table: lists and
 * maps are empty, scalars have their defaults, and `undefined` is what tells that nothing was set. Unknown fields are passed
 * by. Throws {@link MalformedMessageError} for what is no such message: cut off, text that is not UTF-8, nested deeper than 64.
 */
export function decode<T>(message: Message, bytes: Uint8Array): T {
  return readMessage(new WireReader(bytes), bytes.length, message, emptyOf(message), 0) as T
}

function readMessage(reader: WireReader, end: number, message: Message, into: Values, depth: number): Values {
  if (depth > DEEPEST) throw new MalformedMessageError('is nested too deeply')
  while (reader.at < end) {
    const tag = reader.tag()
    const wireType = tag & 7
    const field = message.byNumber.get(tag >>> 3)
    if (field === undefined) reader.skip(wireType)
    else readField(reader, message, field, wireType, into, depth)
    if (reader.at > end) throw new MalformedMessageError('has a field that is longer than its message')
  }
  return into
}

function readField(
  reader: WireReader,
  message: Message,
  field: Field,
  wireType: number,
  into: Values,
  depth: number
): void {
  const { name, many, oneof } = field
  if (many === 'map') {
    expect(wireType, 2)
    readEntry(reader, field, into[name] as Values, depth)
  } else if (many === 'list') {
    const all = into[name] as unknown[]
    if (wireType === 2 && wireTypeOf(field) !== 2) {
      const length = reader.length()
      const end = reader.at + length
      while (reader.at < end) all.push(readValue(reader, field, wireTypeOf(field), undefined, depth))
      if (reader.at !== end) throw new MalformedMessageError('has a list that is longer than its field')
    } else all.push(readValue(reader, field, wireType, undefined, depth))
  } else {
    const before = into[name]
    into[name] = readValue(reader, field, wireType, before, depth)
    if (oneof !== '')
      for (const other of message.fields)
        if (other.oneof === oneof && other !== field) into[other.name] = undefined
  }
}

function readEntry(reader: WireReader, field: Field, into: Values, depth: number): void {
  const length = reader.length()
  const end = reader.at + length
  let key = ''
  let value: unknown
  while (reader.at < end) {
    const tag = reader.tag()
    if (tag >>> 3 === 1) {
      expect(tag & 7, 2)
      key = reader.text()
    } else if (tag >>> 3 === 2) value = readValue(reader, field, tag & 7, value, depth)
    else reader.skip(tag & 7)
  }
  if (reader.at !== end) throw new MalformedMessageError('has an entry that is longer than its field')
  into[key] = value ?? defaultOf(field)
}

function readValue(
  reader: WireReader,
  field: Field,
  wireType: number,
  before: unknown,
  depth: number
): unknown {
  expect(wireType, wireTypeOf(field))
  switch (field.kind) {
    case 'string':
      return reader.text()
    case 'bytes':
      return reader.bytes()
    case 'double':
      return reader.double()
    case 'bool':
      return reader.bool()
    case 'uint32':
      return reader.uint32()
    case 'int32':
      return reader.int32()
    case 'int64':
      return reader.int64()
    case 'message': {
      const inner = field.message()
      const length = reader.length()
      // What comes twice is merged.
      const into = (before as Values | undefined) ?? emptyOf(inner)
      return readMessage(reader, reader.at + length, inner, into, depth + 1)
    }
  }
}

function wireTypeOf({ kind }: Field): 0 | 1 | 2 {
  if (kind === 'double') return 1
  return kind === 'string' || kind === 'bytes' || kind === 'message' ? 2 : 0
}

function expect(wireType: number, wanted: number): void {
  if (wireType !== wanted) throw new MalformedMessageError('has a field of another type')
}

function emptyOf({ fields }: Message): Values {
  const values: Values = Object.create(null) as Values
  for (const field of fields) {
    if (field.many === 'list') values[field.name] = []
    else if (field.many === 'map') values[field.name] = Object.create(null)
    else values[field.name] = field.explicit ? undefined : defaultOf(field)
  }
  return values
}

function defaultOf(field: Field): unknown {
  switch (field.kind) {
    case 'string':
      return ''
    case 'bytes':
      return Buffer.alloc(0)
    case 'bool':
      return false
    case 'message':
      return emptyOf(field.message())
    default:
      return 0
  }
}
