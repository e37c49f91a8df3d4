import type { Field, Message } from './message.js'
import { WireWriter } from './writer.js'

type Values = Readonly<Record<string, unknown>>

/**
 * A message in the binary format of Protocol Buffers (proto3): fields in the order of their numbers' table, defaults left out.
 * The object has the names of the table; what is `undefined` or `null` is left out.
 */
export function encode(message: Message, value: object): Buffer {
  const writer = new WireWriter()
  writeFields(writer, message, value as Values)
  return writer.take()
}

// From behind: so the length of what is nested is known when it is written.
function writeFields(writer: WireWriter, { fields }: Message, value: Values): void {
  for (let i = fields.length - 1; i >= 0; i--) {
    const field = fields[i] as Field
    const given = value[field.name]
    if (given === undefined || given === null) continue
    if (field.many === 'one') {
      if (field.explicit || !isDefault(given)) writeField(writer, field, given)
    } else if (field.many === 'list') {
      const all = given as readonly unknown[]
      for (let n = all.length - 1; n >= 0; n--) writeField(writer, field, all[n])
    } else writeMap(writer, field, given as Values)
  }
}

function writeMap(writer: WireWriter, field: Field, values: Values): void {
  const keys = Object.keys(values)
  for (let n = keys.length - 1; n >= 0; n--) {
    const key = keys[n] as string
    const end = writer.length
    writeValue(writer, field, 2, values[key])
    writer.text(key)
    writer.tag(1, 2)
    writer.varint(writer.length - end)
    writer.tag(field.no, 2)
  }
}

function writeField(writer: WireWriter, field: Field, value: unknown): void {
  writeValue(writer, field, field.no, value)
}

function writeValue(writer: WireWriter, field: Field, no: number, value: unknown): void {
  switch (field.kind) {
    case 'string':
      writer.text(value as string)
      writer.tag(no, 2)
      return
    case 'bytes':
      writer.bytes(value as Uint8Array)
      writer.tag(no, 2)
      return
    case 'message': {
      const end = writer.length
      writeFields(writer, field.message(), value as Values)
      writer.varint(writer.length - end)
      writer.tag(no, 2)
      return
    }
    case 'double':
      writer.double(value as number)
      writer.tag(no, 1)
      return
    case 'bool':
      writer.varint(value === true ? 1 : 0)
      writer.tag(no, 0)
      return
    default:
      writer.varint(value as number)
      writer.tag(no, 0)
  }
}

function isDefault(value: unknown): boolean {
  return value === '' || value === 0 || value === false || (value as Uint8Array).length === 0
}
