import { sizeBytes } from '@gatewright/core'
import type { CompiledSchema, SchemaCompiler } from './compiler.js'
import type { ResponseValidation, ValidationConfig, ValidationOptions } from './config/config.js'

/** Parts of a request's head that a schema may be for. */
export const HEAD_PARTS = ['params', 'query', 'headers'] as const

/** A part of the head, and its schema. */
export interface HeadSchema {
  readonly part: (typeof HEAD_PARTS)[number]
  readonly schema: CompiledSchema
}

/** What a response's body must be. */
export interface ResponseSettings {
  readonly observe: boolean
  readonly byStatus: ReadonlyMap<string, CompiledSchema>
  readonly samplePercent: number
  readonly maxBytes: number
}

/** What a body must be. */
export interface BodySettings {
  readonly schema: CompiledSchema
  readonly required: boolean
  readonly othersPass: boolean
  readonly maxBytes: number
}

/** `validation` of a route: nothing optional. */
export interface ValidationSettings {
  readonly observe: boolean
  readonly maxErrors: number
  readonly head: readonly HeadSchema[]
  readonly body: BodySettings | null
  readonly response: ResponseSettings | null
}

const MIB = 1024 ** 2

/** Settings of a validated `validation`; `null` for none. */
export function resolveValidation(
  config: ValidationConfig | undefined,
  compiler: SchemaCompiler
): ValidationSettings | null {
  if (config === undefined || config === false) return null
  const { body, response } = config
  return {
    observe: config.mode === 'observe',
    maxErrors: config.maxErrors ?? 10,
    head: headOf(config, compiler),
    body:
      body === undefined
        ? null
        : {
            schema: compiler.compile(body, false),
            required: config.bodyRequired ?? true,
            othersPass: config.otherMediaTypes === 'pass',
            maxBytes: bytesOf(config.maxBytes)
          },
    response: response === undefined ? null : responseOf(response, compiler)
  }
}

function headOf(config: ValidationOptions, compiler: SchemaCompiler): HeadSchema[] {
  return HEAD_PARTS.flatMap((part) => {
    const schema = config[part]
    return schema === undefined ? [] : [{ part, schema: compiler.compile(schema, config.coerce ?? true) }]
  })
}

function responseOf(config: ResponseValidation, compiler: SchemaCompiler): ResponseSettings {
  const byStatus = Object.entries(config.bodies).map(
    ([status, schema]) => [status.toLowerCase(), compiler.compile(schema, false)] as const
  )
  return {
    observe: config.mode !== 'enforce',
    byStatus: new Map(byStatus),
    samplePercent: config.samplePercent ?? 100,
    maxBytes: bytesOf(config.maxBytes)
  }
}

function bytesOf(size: ValidationOptions['maxBytes']): number {
  return size === undefined ? MIB : (sizeBytes(size) as number)
}

/** The schema for the body of a response; `undefined` for a status that has none. */
export function schemaFor({ byStatus }: ResponseSettings, status: number): CompiledSchema | undefined {
  return (
    byStatus.get(String(status)) ?? byStatus.get(`${Math.floor(status / 100)}xx`) ?? byStatus.get('default')
  )
}
