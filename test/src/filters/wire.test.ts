import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededChance } from '@gatewright/testing'
import { CheckRequest, CheckResponse } from '../../../packages/filters/dist/ext-authz/messages.js'
import {
  RequestDecisionMessage,
  RequestPhase,
  ResponseDecisionMessage,
  ResponsePhase
} from '../../../packages/filters/dist/service/messages.js'
import { decode } from '../../../packages/filters/dist/wire/decode.js'
import { encode } from '../../../packages/filters/dist/wire/encode.js'
import {
  type Field,
  list,
  type Message,
  map,
  message,
  nested,
  optional,
  scalar
} from '../../../packages/filters/dist/wire/message.js'
import { ProtobufEs, type Values } from '../support/protobuf-es.js'

/** Every kind of field, so that none depends on what the messages of today have. */
const Everything: Message = message('test.Everything', {
  text: scalar(1, 'string'),
  raw: scalar(2, 'bytes'),
  flag: scalar(3, 'bool'),
  signed: scalar(4, 'int32'),
  unsigned: scalar(5, 'uint32'),
  long: scalar(16, 'int64'),
  real: scalar(2_047, 'double'),
  maybeText: optional(scalar(2_048, 'string')),
  maybeSigned: optional(scalar(536_870_911, 'int32')),
  inner: nested(9, () => Everything),
  texts: list(scalar(10, 'string')),
  numbers: list(scalar(11, 'int32')),
  reals: list(scalar(12, 'double')),
  flags: list(scalar(13, 'bool')),
  inners: list(nested(14, () => Everything)),
  byName: map(scalar(15, 'string')),
  innerByName: map(nested(17, () => Everything)),
  eitherText: optional(scalar(18, 'string'), 'either'),
  eitherInner: { ...nested(19, () => Everything), oneof: 'either' },
  eitherFlag: optional(scalar(20, 'bool'), 'either')
})

const MESSAGES = [
  Everything,
  CheckRequest,
  CheckResponse,
  RequestPhase,
  RequestDecisionMessage,
  ResponsePhase,
  ResponseDecisionMessage
]
const es = new ProtobufEs(MESSAGES)

type Chance = () => number
const TEXTS = [
  '',
  'a',
  'x-user',
  'é',
  '𝄞',
  '\u0000',
  '__proto__',
  'constructor',
  'a'.repeat(200),
  'é'.repeat(70)
]
const INT32 = [0, 1, -1, 127, 128, 16_384, 2 ** 31 - 1, -(2 ** 31)]
const UINT32 = [0, 1, 127, 128, 2 ** 32 - 1, 2 ** 31]
const INT64 = [
  0,
  1,
  -1,
  2 ** 31,
  2 ** 32,
  2 ** 35,
  -(2 ** 33),
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER
]
const DOUBLES = [0, 1, -1.5, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 1.7976931348623157e308]

const oneOf = <T>(chance: Chance, all: readonly T[]): T => all[Math.floor(chance() * all.length)] as T

function someOf(field: Field, chance: Chance, depth: number): unknown {
  switch (field.kind) {
    case 'string':
      return oneOf(chance, TEXTS)
    case 'bytes':
      return Buffer.from(oneOf(chance, TEXTS))
    case 'bool':
      return chance() < 0.5
    case 'int32':
      return oneOf(chance, INT32)
    case 'uint32':
      return oneOf(chance, UINT32)
    case 'int64':
      return oneOf(chance, INT64)
    case 'double':
      return oneOf(chance, DOUBLES)
    case 'message':
      return valuesFor(field.message(), chance, depth + 1)
  }
}

/** Random values for a message, as an object of its table. */
function valuesFor(of: Message, chance: Chance, depth = 0): Values {
  const values: Values = {}
  const oneofs = new Set<string>()
  for (const field of of.fields) {
    if (chance() < (depth > 2 ? 0.9 : 0.5)) continue
    if (field.oneof !== '') {
      if (oneofs.has(field.oneof)) continue
      oneofs.add(field.oneof)
    }
    const count = Math.floor(chance() * 3)
    if (field.many === 'one') values[field.name] = someOf(field, chance, depth)
    else if (field.many === 'list')
      values[field.name] = Array.from({ length: count }, () => someOf(field, chance, depth))
    else {
      const map: Values = Object.create(null) as Values
      for (let i = 0; i < count; i++) map[oneOf(chance, TEXTS)] = someOf(field, chance, depth)
      values[field.name] = map
    }
  }
  return values
}

test('what the codec writes, protobuf-es reads, and the other way round', () => {
  const chance = seededChance(7)
  for (let i = 0; i < 3_000; i++) {
    const of = oneOf(chance, MESSAGES)
    const values = valuesFor(of, chance)
    const ours = encode(of, values)
    const theirs = es.encode(of, values)
    const read = decode(of, ours)
    assert.deepEqual(read, es.decode(of, ours), `${of.name} ${i}`)
    assert.deepEqual(decode(of, theirs), read, `${of.name} ${i}`)
  }
})

/** What another implementation writes, with a few bytes changed, put in, left out, or all of it twice. */
function damaged(bytes: Uint8Array, chance: Chance): Buffer {
  let damaged = Buffer.from(bytes)
  for (let edits = 1 + Math.floor(chance() * 3); edits > 0; edits--) {
    const at = Math.floor(chance() * damaged.length)
    const [before, behind] = [damaged.subarray(0, at), damaged.subarray(at)]
    const byte = Buffer.of(Math.floor(chance() * 256))
    const how = chance()
    if (how < 0.4) damaged = Buffer.concat([before, byte, behind.subarray(1)])
    else if (how < 0.6) damaged = Buffer.from(before)
    else if (how < 0.8) damaged = Buffer.concat([before, byte, behind])
    else damaged = Buffer.concat([damaged, damaged])
  }
  return damaged
}

const refused = Symbol('refused')

function readOr(read: () => Values): Values | typeof refused {
  try {
    return read()
  } catch {
    return refused
  }
}

test('what is damaged is refused, or read as protobuf-es reads it, never as something else', () => {
  const chance = seededChance(11)
  let same = 0
  for (let i = 0; i < 6_000; i++) {
    const of = oneOf(chance, MESSAGES)
    const bytes = damaged(es.encode(of, valuesFor(of, chance)), chance)
    const ours = readOr(() => decode<Values>(of, bytes))
    if (ours === refused) continue
    same++
    assert.deepEqual(
      ours,
      readOr(() => es.decode(of, bytes)),
      `${of.name} ${i}: ${bytes.toString('hex')}`
    )
  }
  assert.ok(same > 1_000, `${same}`)
})

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

test('fields that nobody knows are passed by, whatever their type, wherever they stand', () => {
  // Field 1000, as varint, eight bytes, text and four bytes.
  for (const unknown of ['c03e 8001', 'c13e 0000000000000000', 'c23e 03 616263', 'c53e 00000000'])
    for (const bytes of [`${unknown} 0a01 61`, `0a01 61 ${unknown}`, `4a ${nestedHex(unknown)} 0a01 61`]) {
      const read = decode<Values>(Everything, hex(bytes))
      assert.equal(read.text, 'a', bytes)
      assert.deepEqual(read, es.decode(Everything, hex(bytes)))
    }
})

function nestedHex(text: string): string {
  return `${hex(text).length.toString(16).padStart(2, '0')} ${text}`
}

test('a list of numbers is read packed, not packed, and in several pieces', () => {
  const read = (bytes: string): unknown => decode<Values>(Everything, hex(bytes)).numbers
  for (const bytes of [
    '5a03 01 8001',
    '58 01 58 8001',
    '5a01 01 58 8001',
    '58 01 5a02 8001',
    '5a00 58 01 5a02 8001'
  ])
    assert.deepEqual(read(bytes), [1, 128], bytes)
  assert.deepEqual(decode<Values>(Everything, hex('6210 0000000000000000 000000000000f03f')).reals, [0, 1])
  assert.deepEqual(decode<Values>(Everything, hex('6a02 0100')).flags, [true, false])
  for (const bytes of ['5a02 01 80 01', '5a05 01', '6209 0000000000000000 00'])
    assert.throws(() => read(bytes), /longer than its field|cut off/, bytes)
})

test('numbers are read in more bytes than they need, and of more than 32 bits the lower ones', () => {
  const read = (bytes: string): Values => decode<Values>(Everything, hex(bytes))
  assert.equal(read('20 8180808000').signed, 1)
  assert.equal(read('20 ffffffffffffffffff01').signed, -1)
  assert.equal(read('20 8180808080808080807f').signed, 1)
  assert.equal(read('28 81808080808080807f').unsigned, 1)
  assert.equal(read('18 808080808001').flag, true)
  assert.equal(read('1880808080808080808001').flag, true)
  assert.equal(read('1880808080808080808000').flag, false)
  assert.equal(read('8001 8080808080808010').long, 2 ** 53)
  assert.equal(read('8a 00 01 61').text, 'a', 'a field number in two bytes')
  for (const bytes of ['20 8080808080808080808001', '20 80', '8080808080808080808001'])
    assert.throws(() => read(bytes), /ten bytes|cut off|out of range/, bytes)
})

test('what is no message is refused: cut off, another type, a group, bad text, no field number, too deep', () => {
  for (const [bytes, why] of [
    ['0a', /cut off/],
    ['0a02 61', /cut off/],
    ['0a ffffffff0f', /cut off/],
    ['0a ffffffffffffffffff01', /cut off/],
    ['08 01', /another type/],
    ['0d 00000000', /another type/],
    ['22 00', /another type/],
    ['13 14', /wire type 3|another type/],
    ['c33e c43e', /wire type 3/],
    ['c43e', /wire type 4/],
    ['c63e', /wire type 6/],
    ['0a02 c328', /not UTF-8/],
    ['0a01 80', /not UTF-8/],
    ['0a03 eda080', /not UTF-8/],
    ['7a04 0a02 c328', /not UTF-8/],
    ['00 01', /out of range/],
    ['02 00', /out of range/],
    ['7a02 00 01', /out of range/],
    ['f8ffffff7f 01', /out of range/],
    ['7a02 08 01', /another type/],
    ['4a02 0a03 616263', /longer than its message|cut off/],
    ['7a03 0a02 6162', /longer than its field|cut off/]
  ] as const)
    assert.throws(() => decode(Everything, hex(bytes)), why, bytes)
  let deep: Uint8Array = new Uint8Array()
  for (let level = 1; level <= 70; level++) {
    deep = encode(message('test.Wrap', { inner: optional(scalar(9, 'bytes')) }), { inner: deep })
    if (level <= 64) assert.ok(decode(Everything, deep))
    else assert.throws(() => decode(Everything, deep), /nested too deeply/, `${level}`)
  }
  const struct = decode<Values>(Everything, hex('7a 0b 0a 09 5f5f70726f746f5f5f'))
  assert.deepEqual(Object.keys(struct.byName as object), ['__proto__'])
  assert.equal(({} as Values).polluted, undefined)
})
