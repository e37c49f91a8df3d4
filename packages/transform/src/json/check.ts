import { show } from '@gatewright/core'
import type { JsonOperation } from '../config/config.js'
import { checkWhen, type WhenConfig } from '../headers/when.js'
import type { Direction } from '../template/variables.js'
import { JsonTransform } from './function.js'
import { checkJsonValue } from './json-template.js'
import { type Pointer, readPointer } from './pointer.js'
import { type JsonConfig, operationsOf } from './settings.js'

const KINDS = ['remove', 'rename', 'set', 'add', 'pick', 'mask'] as const
const OF_MASK = ['with', 'keepLast'] as const

/** Yields the problems of operations on JSON that the schema cannot see. */
export function* checkJson(config: JsonConfig, at: string, direction: Direction): Iterable<string> {
  const { when } = config as { readonly when?: WhenConfig }
  if (when !== undefined) yield* checkWhen(when, `${at}.when`)
  const place = Array.isArray(config) || config instanceof JsonTransform ? at : `${at}.operations`
  for (const [index, operation] of operationsOf(config).entries())
    if (operation instanceof JsonTransform) yield* checkFunction(operation, `${place}[${index}]`)
    else yield* checkOperation(operation, `${place}[${index}]`, direction)
}

function* checkFunction({ change, maxBytes }: JsonTransform, at: string): Iterable<string> {
  if (typeof change !== 'function') yield `${at}: transformJson must be given a function`
  if (maxBytes !== null && !/^\d+(?:\.\d+)?(?:B|KiB|MiB|GiB)$/.test(String(maxBytes)))
    yield `${at}: maxBytes must be a size such as '512KiB'`
}

function* checkOperation(operation: JsonOperation, at: string, direction: Direction): Iterable<string> {
  const kinds = KINDS.filter((kind) => operation[kind] !== undefined)
  if (kinds.length !== 1)
    yield `${at}: must be one operation, ${KINDS.join(', ')}, ${kinds.length === 0 ? 'and is none' : `not ${kinds.join(' and ')}`}; others follow in the list`
  for (const name of OF_MASK)
    if (operation[name] !== undefined && operation.mask === undefined)
      yield `${at}.${name}: does nothing without 'mask'`
  for (const kind of ['remove', 'pick', 'mask'] as const)
    for (const text of operation[kind] ?? []) yield* checkPointer(text, `${at}.${kind}`, noEnd)
  for (const [text, to] of Object.entries(operation.rename ?? {})) {
    yield* checkPointer(text, `${at}.rename`, named)
    if (to.startsWith('/')) yield `${at}.rename: ${show(to)} must be a name, not a pointer`
    else if (text.endsWith(`/${to}`)) yield `${at}.rename: ${show(text)} has this name already`
  }
  for (const kind of ['set', 'add'] as const)
    for (const [text, value] of Object.entries(operation[kind] ?? {})) {
      yield* checkPointer(text, `${at}.${kind}`, kind === 'add' ? notEvery : anyLast)
      yield* checkJsonValue(value, `${at}.${kind}.${text}`, direction)
    }
}

type LastStep = (pointer: Pointer) => string | null

const noEnd: LastStep = (pointer) =>
  pointer.some(({ end }) => end) ? "has a step '-', behind which there is nothing" : null
const named: LastStep = (pointer) =>
  pointer.at(-1)?.every ? "ends with '*', and two members cannot have one name" : noEnd(pointer)
const anyLast: LastStep = (pointer) =>
  pointer.slice(0, -1).some(({ end }) => end) ? "has a step '-' that is not its last" : null
const notEvery: LastStep = (pointer) =>
  pointer.at(-1)?.every ? "ends with '*', where all that could be added is there" : anyLast(pointer)

function* checkPointer(text: string, at: string, last: LastStep): Iterable<string> {
  const pointer = readPointer(text)
  const problem = typeof pointer === 'string' ? pointer : last(pointer)
  if (problem !== null) yield `${at}: ${show(text)} ${problem}`
}
