import { list, type Message, map, message, nested, optional, scalar } from './message.js'

/** `google.protobuf.Struct`: an object of JSON. */
export const Struct: Message = message('google.protobuf.Struct', { fields: map(nested(1, () => Value)) })

const ListValue: Message = message('google.protobuf.ListValue', { values: list(nested(1, () => Value)) })

const Value: Message = message('google.protobuf.Value', {
  nullValue: optional(scalar(1, 'int32'), 'kind'),
  numberValue: optional(scalar(2, 'double'), 'kind'),
  stringValue: optional(scalar(3, 'string'), 'kind'),
  boolValue: optional(scalar(4, 'bool'), 'kind'),
  structValue: { ...nested(5, () => Struct), oneof: 'kind' },
  listValue: { ...nested(6, () => ListValue), oneof: 'kind' }
})

/** What {@link Struct} is read to, and written from. */
export interface StructValue {
  readonly fields: Readonly<Record<string, JsonValue>>
}

interface JsonValue {
  readonly nullValue?: number | undefined
  readonly numberValue?: number | undefined
  readonly stringValue?: string | undefined
  readonly boolValue?: boolean | undefined
  readonly structValue?: StructValue | undefined
  readonly listValue?: { readonly values: readonly JsonValue[] } | undefined
}

/** The object that a struct stands for; objects in it have no prototype. */
export function fromStruct({ fields }: StructValue): Record<string, unknown> {
  const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(fields)) object[key] = fromValue(fields[key] as JsonValue)
  return object
}

function fromValue(value: JsonValue): unknown {
  if (value.structValue !== undefined) return fromStruct(value.structValue)
  if (value.listValue !== undefined) return value.listValue.values.map(fromValue)
  return value.stringValue ?? value.numberValue ?? value.boolValue ?? null
}

/** A struct for an object of JSON. What JSON does not know, such as functions, is `null` in it. */
export function toStruct(object: Readonly<Record<string, unknown>>): StructValue {
  return { fields: Object.fromEntries(Object.entries(object).map(([key, value]) => [key, toValue(value)])) }
}

function toValue(value: unknown): JsonValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'number') return { numberValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (Array.isArray(value)) return { listValue: { values: value.map(toValue) } }
  if (typeof value === 'object' && value !== null)
    return { structValue: toStruct(value as Readonly<Record<string, unknown>>) }
  return { nullValue: 0 }
}
