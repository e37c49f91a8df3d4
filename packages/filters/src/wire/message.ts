/** How the value of a field is written on the wire, by the names of Protocol Buffers. */
export type Scalar = 'string' | 'bytes' | 'bool' | 'int32' | 'uint32' | 'int64' | 'double'

/** One field of a message. */
export interface Field {
  /** Its number in the `.proto` file. */
  readonly no: number
  /** Its key in the object, which is its JSON name too. */
  readonly name: string
  readonly kind: Scalar | 'message'
  readonly many: 'one' | 'list' | 'map'
  /** Of kind `message`: which. Called late, as a message may hold itself. */
  message(): Message
  /** Whether it is told from a default value: members of a `oneof`, and fields that are `optional`. */
  readonly explicit: boolean
  /** The `oneof` that it is a member of; `''` for none. */
  readonly oneof: string
}

/** A message of a `.proto` file: the table that {@link encode} and {@link decode} go by. */
export interface Message {
  readonly name: string
  readonly fields: readonly Field[]
  readonly byNumber: ReadonlyMap<number, Field>
}

/** What is said of one field, before it has its name. */
export type FieldShape = Omit<Field, 'name'>

function none(): Message {
  throw new TypeError('the field is no message')
}

/** A field with one value. */
export function scalar(no: number, kind: Scalar): FieldShape {
  return { no, kind, many: 'one', message: none, explicit: false, oneof: '' }
}

/** A field with a message. */
export function nested(no: number, message: () => Message): FieldShape {
  return { no, kind: 'message', many: 'one', message, explicit: true, oneof: '' }
}

/** The same, repeated. */
export function list(shape: FieldShape): FieldShape {
  return { ...shape, many: 'list', explicit: true }
}

/** A map from text to the value. */
export function map(shape: FieldShape): FieldShape {
  return { ...shape, many: 'map', explicit: true }
}

/** A field of which it is known whether it was set: `optional`, or a member of a `oneof`. */
export function optional(shape: FieldShape, oneof = ''): FieldShape {
  return { ...shape, explicit: true, oneof }
}

/** A message from its fields, by their names in the object. */
export function message(name: string, shapes: Readonly<Record<string, FieldShape>>): Message {
  const fields = Object.entries(shapes).map(([key, shape]) => Object.freeze({ ...shape, name: key }))
  return Object.freeze({ name, fields, byNumber: new Map(fields.map((field) => [field.no, field])) })
}
