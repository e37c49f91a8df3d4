import { toldError } from '@gatewright/core'
import { DEEPEST, setKey, TOO_DEEP } from './parsed-text.js'
import type { FileProblem } from './problems.js'

/**
 * A copy of what code says: objects and lists by their content, read once; functions and instances of classes are themselves.
 * What cannot be read, and what is within itself, is added to `problems`.
 */
export function plainCopy(value: unknown, problems: FileProblem[]): unknown {
  return copied(value, '', [], new Map(), problems)
}

function copied(
  value: unknown,
  path: string,
  around: readonly unknown[],
  known: Map<unknown, unknown>,
  problems: FileProblem[]
): unknown {
  if (!isPlain(value)) return value
  if (around.includes(value) || around.length > DEEPEST) {
    problems.push({ path, message: around.includes(value) ? 'it is within itself' : TOO_DEEP })
    return null
  }
  const before = known.get(value)
  if (before !== undefined) return before
  const isList = Array.isArray(value)
  const copy: unknown[] & Record<string, unknown> = (isList ? [] : {}) as never
  known.set(value, copy)
  for (const key of Object.keys(value)) {
    const at = isList ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    const part = partOf(value, key, at, problems)
    setKey(copy, key, copied(part, at, [...around, value], known, problems))
  }
  return copy
}

function partOf(value: object, key: string, path: string, problems: FileProblem[]): unknown {
  try {
    return (value as Record<string, unknown>)[key]
  } catch (error) {
    problems.push({ path, message: `reading it threw ${toldError(error)}` })
    return undefined
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const inherited: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || inherited === null || inherited === Object.prototype
}
