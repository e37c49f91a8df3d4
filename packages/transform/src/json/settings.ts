import { observes, sizeBytes } from '@gatewright/core'
import type {
  JsonOperation,
  RequestTransform,
  ResponseJsonOptions,
  ResponseTransform
} from '../config/config.js'
import { resolveWhen } from '../headers/when.js'
import type { StatusRange } from '../status-range.js'
import type { Direction } from '../template/variables.js'
import { JsonTransform } from './function.js'
import { type CompiledOperation, compileOperation } from './operations.js'

type Operations = readonly (JsonOperation | JsonTransform)[]

/** `json` of a request or response, as configured. */
export type JsonConfig = NonNullable<(RequestTransform | ResponseTransform)['json']>

/** Operations on JSON, compiled. */
export interface JsonSettings {
  /** Whether it only tells what it would do. */
  readonly observe: boolean
  /** For which statuses of responses; `null` for all, and for requests. */
  readonly when: readonly StatusRange[] | null
  readonly operations: readonly CompiledOperation[]
  /** Largest body, line or event, in bytes: decoded before, and again after. */
  readonly maxBytes: number
  /** Most bytes that a decoder may make of one. */
  readonly maxRatio: number
  /** Whether `Cache-Control: no-transform` of a response is respected. */
  readonly respects: boolean
  /** Whether the upstream's validators are left out. */
  readonly dropsValidators: boolean
  /** Path parameters that templates name. */
  readonly params: readonly string[]
}

const MIB = 1024 ** 2
const RATIO = 100

/** The operations of a configuration, in order. */
export function operationsOf(config: JsonConfig): Operations {
  if (config instanceof JsonTransform) return [config]
  return 'operations' in config ? config.operations : config
}

/** Settings of a checked `json`; `null` for none. */
export function resolveJson(config: JsonConfig | undefined, direction: Direction): JsonSettings | null {
  if (config === undefined) return null
  const given = operationsOf(config)
  const options: Partial<ResponseJsonOptions> = 'operations' in config ? config : {}
  const operations = given.flatMap((one) => compileOperation(one, direction))
  const functions = given.flatMap((one) =>
    one instanceof JsonTransform && one.maxBytes !== null ? [sizeBytes(one.maxBytes) as number] : []
  )
  return {
    observe: observes(options),
    when: resolveWhen(options.when),
    operations,
    maxBytes:
      options.maxBytes === undefined
        ? functions.length === 0
          ? MIB
          : Math.min(...functions)
        : (sizeBytes(options.maxBytes) as number),
    maxRatio: options.maxRatio ?? RATIO,
    respects: options.noTransform !== 'override',
    dropsValidators: options.validators === 'drop',
    params: operations.flatMap((one) => (one.kind === 'edit' ? one.params : []))
  }
}

/** Two of one mode, for a status that both are for, as one: first these, then those, within the narrower limits of both. */
export function bothJson(first: JsonSettings, second: JsonSettings): JsonSettings {
  return {
    observe: first.observe && second.observe,
    when: null,
    operations: [...first.operations, ...second.operations],
    maxBytes: Math.min(first.maxBytes, second.maxBytes),
    maxRatio: Math.min(first.maxRatio, second.maxRatio),
    respects: first.respects && second.respects,
    dropsValidators: first.dropsValidators || second.dropsValidators,
    params: [...first.params, ...second.params]
  }
}
