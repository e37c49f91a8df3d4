import type { JsonOperation } from '../config/config.js'
import type { Direction } from '../template/variables.js'
import { add, mask, remove, rename, set } from './edits.js'
import { type JsonFunction, JsonTransform } from './function.js'
import { JsonTemplate, type ValueSource } from './json-template.js'
import type { JsonValue } from './json-value.js'
import { Pick } from './pick.js'
import { actAt, actAtMade } from './places.js'
import { type Pointer, readPointer } from './pointer.js'

/** A compiled operation on a value that is taken apart. Returns the value, or another in its place; `null` where nothing changes. */
interface ValueEdit {
  readonly kind: 'edit'
  /** Path parameters without which it does nothing. */
  readonly params: readonly string[]
  apply(value: JsonValue, source: ValueSource): JsonValue | null
}

/** A function of the user's own. */
interface FunctionEdit {
  readonly kind: 'function'
  readonly change: JsonFunction
}

export type CompiledOperation = ValueEdit | FunctionEdit

/** What an operation replaces values by where it does not say. */
const MASK = '***'

/** Compiles a checked operation. */
export function compileOperation(
  operation: JsonOperation | JsonTransform,
  direction: Direction
): readonly CompiledOperation[] {
  if (operation instanceof JsonTransform) return [{ kind: 'function', change: operation.change }]
  const edits: ValueEdit[] = []
  if (operation.pick !== undefined) edits.push(pickEdit(operation.pick.map(pointerOf)))
  for (const text of operation.remove ?? []) edits.push(fixed(pointerOf(text), remove))
  for (const [text, to] of Object.entries(operation.rename ?? {}))
    edits.push(fixed(pointerOf(text), rename(to)))
  for (const text of operation.mask ?? [])
    edits.push(fixed(pointerOf(text), mask(operation.with ?? MASK, operation.keepLast ?? 0)))
  for (const [text, value] of Object.entries(operation.set ?? {}))
    edits.push(valued(text, value, set, direction))
  for (const [text, value] of Object.entries(operation.add ?? {}))
    edits.push(valued(text, value, add, direction))
  return edits
}

function pickEdit(pointers: readonly Pointer[]): ValueEdit {
  const pick = new Pick(pointers)
  return { kind: 'edit', params: [], apply: (value) => pick.apply(value) }
}

function fixed(pointer: Pointer, act: typeof remove): ValueEdit {
  const names = pointer
    .filter(({ every, end, index }) => !every && !end && index === -1)
    .map(({ name }) => JSON.stringify(name))
  // A text without a name holds nothing of that name, unless it is written with escapes: it need not be taken apart.
  const mayHold = (text: string): boolean => text.includes('\\') || names.every((name) => text.includes(name))
  return {
    kind: 'edit',
    params: [],
    apply: (value) =>
      (value.text === null || mayHold(value.text)) && actAt(value, pointer, act) ? value : null
  }
}

function valued(text: string, given: unknown, make: typeof set, direction: Direction): ValueEdit {
  const pointer = pointerOf(text)
  const template = new JsonTemplate(given, direction)
  return {
    kind: 'edit',
    params: template.params,
    apply(value, source) {
      const json = template.text(source)
      return json !== null && actAtMade(value, pointer, make(json)) ? value : null
    }
  }
}

function pointerOf(text: string): Pointer {
  return readPointer(text) as Pointer
}
