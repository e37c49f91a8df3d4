import {
  create,
  createFileRegistry,
  type DescField,
  type DescMessage,
  type Message as EsMessage,
  type FileRegistry,
  fromBinary,
  toBinary
} from '@bufbuild/protobuf'
import {
  DescriptorProtoSchema,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type
} from '@bufbuild/protobuf/wkt'
import type { Field, Message } from '../../../packages/filters/dist/wire/message.js'

/** An object as the gateway's codec reads it. */
export type Values = Record<string, unknown>

const TYPES = {
  string: Type.STRING,
  bytes: Type.BYTES,
  bool: Type.BOOL,
  int32: Type.INT32,
  uint32: Type.UINT32,
  int64: Type.INT64,
  double: Type.DOUBLE,
  message: Type.MESSAGE
} as const

/** protobuf-es with the messages of the gateway's tables: another implementation to compare the own codec with. */
export class ProtobufEs {
  readonly #registry: FileRegistry

  constructor(messages: readonly Message[]) {
    const all = new Map<string, Message>()
    for (const one of messages) collect(one, all)
    const file = create(FileDescriptorProtoSchema, {
      name: 'all.proto',
      syntax: 'proto3',
      messageType: [...all.values()].map(descriptorOf)
    })
    this.#registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }))
  }

  encode(message: Message, values: Values): Uint8Array {
    return toBinary(this.#of(message), esOf(this.#of(message), message, values))
  }

  /** Throws for what it cannot read. */
  decode(message: Message, bytes: Uint8Array): Values {
    return valuesOf(fromBinary(this.#of(message), bytes), message)
  }

  #of({ name }: Message): DescMessage {
    return this.#registry.getMessage(flat(name)) as DescMessage
  }
}

function flat(name: string): string {
  return name.replaceAll('.', '_')
}

function camel(name: string): string {
  return name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}

function collect(message: Message, into: Map<string, Message>): void {
  if (into.has(message.name)) return
  into.set(message.name, message)
  for (const field of message.fields) if (field.kind === 'message') collect(field.message(), into)
}

function descriptorOf({ name, fields }: Message) {
  const oneofs = [...new Set(fields.map(({ oneof }) => oneof).filter((one) => one !== ''))]
  const optionals = fields.filter(isOptional).map((field) => `_${field.name}`)
  const entryOf = (field: Field) => `${field.name[0]?.toUpperCase()}${field.name.slice(1)}Entry`
  return create(DescriptorProtoSchema, {
    name: flat(name),
    oneofDecl: [...oneofs, ...optionals].map((one) => ({ name: one })),
    nestedType: fields
      .filter(({ many }) => many === 'map')
      .map((field) =>
        create(DescriptorProtoSchema, {
          name: entryOf(field),
          options: { mapEntry: true },
          field: [
            { name: 'key', number: 1, type: Type.STRING, label: Label.OPTIONAL },
            { name: 'value', number: 2, label: Label.OPTIONAL, ...typeOf(field) }
          ]
        })
      ),
    field: fields.map((field) =>
      create(FieldDescriptorProtoSchema, {
        name: field.name,
        jsonName: field.name,
        number: field.no,
        label: field.many === 'one' ? Label.OPTIONAL : Label.REPEATED,
        ...(field.many === 'map'
          ? { type: Type.MESSAGE, typeName: `.${flat(name)}.${entryOf(field)}` }
          : typeOf(field)),
        ...(field.oneof === '' ? {} : { oneofIndex: oneofs.indexOf(field.oneof) }),
        ...(isOptional(field)
          ? { proto3Optional: true, oneofIndex: oneofs.length + optionals.indexOf(`_${field.name}`) }
          : {})
      })
    )
  })
}

function isOptional({ explicit, many, kind, oneof }: Field): boolean {
  return explicit && many === 'one' && kind !== 'message' && oneof === ''
}

function typeOf(field: Field) {
  return {
    type: TYPES[field.kind],
    ...(field.kind === 'message' ? { typeName: `.${flat(field.message().name)}` } : {})
  }
}

function esOf(desc: DescMessage, message: Message, values: Values): EsMessage {
  const init: Values = {}
  for (const field of message.fields) {
    const given = values[field.name]
    if (given === undefined) continue
    const inner = descOf(desc.field[field.name] as DescField)
    const one = (value: unknown) =>
      field.kind === 'message'
        ? esOf(inner as DescMessage, field.message(), value as Values)
        : field.kind === 'int64'
          ? BigInt(value as number)
          : value
    if (field.many === 'list') init[field.name] = (given as unknown[]).map(one)
    else if (field.many === 'map') {
      const map: Values = {}
      for (const [key, value] of Object.entries(given as Values))
        Object.defineProperty(map, key, { value: one(value), enumerable: true })
      init[field.name] = map
    } else if (field.oneof !== '') init[camel(field.oneof)] = { case: field.name, value: one(given) }
    else init[field.name] = one(given)
  }
  return create(desc, init as never)
}

function descOf(field: DescField): DescMessage | undefined {
  return field.fieldKind === 'map' || field.fieldKind === 'list' || field.fieldKind === 'message'
    ? field.message
    : undefined
}

function valuesOf(es: EsMessage, message: Message): Values {
  const read = es as unknown as Values
  const values: Values = Object.create(null) as Values
  for (const field of message.fields) {
    const one = (value: unknown): unknown => {
      if (field.kind === 'message') return valuesOf(value as EsMessage, field.message())
      if (field.kind === 'bytes') return Buffer.from(value as Uint8Array)
      return field.kind === 'int64' ? Number(value) : value
    }
    if (field.oneof !== '') {
      const { case: set, value } = read[camel(field.oneof)] as { case?: string; value?: unknown }
      values[field.name] = set === field.name ? one(value) : undefined
    } else if (field.many === 'list') values[field.name] = (read[field.name] as unknown[]).map(one)
    else if (field.many === 'map') {
      const map: Values = Object.create(null) as Values
      for (const [key, value] of Object.entries(read[field.name] as Values)) map[key] = one(value)
      values[field.name] = map
    } else if (field.explicit && !Object.hasOwn(read, field.name)) values[field.name] = undefined
    else values[field.name] = read[field.name] === undefined ? undefined : one(read[field.name])
  }
  return values
}
