import { JsonValue, type Member } from './json-value.js'
import type { Pointer, Step } from './pointer.js'

/** Changes what a last step leads to in an object or array. Whether it has changed anything. */
export type Act = (holder: JsonValue, step: Step) => boolean

/** Acts in everything that holds a place of the pointer. Whether anything has changed. */
export function actAt(value: JsonValue, pointer: Pointer, act: Act, at = 0): boolean {
  const step = pointer[at] as Step
  const changed =
    at === pointer.length - 1
      ? act(value, step)
      : anyOf(childrenAt(value, step), (child) => actAt(child, pointer, act, at + 1))
  if (changed) value.changed()
  return changed
}

/** The same, and objects that are missing on the way are made: not in arrays, and not for `*`. */
export function actAtMade(value: JsonValue, pointer: Pointer, act: Act, at = 0): boolean {
  const step = pointer[at] as Step
  if (at === pointer.length - 1) {
    const acted = act(value, step)
    if (acted) value.changed()
    return acted
  }
  let children = childrenAt(value, step)
  let made: Member | null = null
  if (children.length === 0 && value.isObject && !step.every) {
    made = { key: step.name, name: JSON.stringify(step.name), value: JsonValue.object() }
    children = [made.value]
  }
  const changed = anyOf(children, (child) => actAtMade(child, pointer, act, at + 1))
  if (changed && made !== null) value.members.push(made)
  if (changed) value.changed()
  return changed
}

function anyOf(children: readonly JsonValue[], change: (child: JsonValue) => boolean): boolean {
  let changed = false
  for (const child of children) if (change(child)) changed = true
  return changed
}

function childrenAt(value: JsonValue, step: Step): readonly JsonValue[] {
  if (value.isObject) return value.members.filter(({ key }) => matches(step, key)).map(({ value }) => value)
  if (!value.isArray) return []
  if (step.every) return value.items
  const item = step.index === -1 ? undefined : value.items[step.index]
  return item === undefined ? [] : [item]
}

/** Whether a step leads to a member of this name. */
export function matches({ name, every }: Step, key: string): boolean {
  return every || name === key
}
