import { jsonStringOf } from '@gatewright/core'
import { JsonValue } from './json-value.js'
import { type Act, matches } from './places.js'
import type { Step } from './pointer.js'

/** Removes members and items. */
export const remove: Act = (holder, step) => {
  if (holder.isObject) {
    const kept = holder.members.filter(({ key }) => !matches(step, key))
    if (kept.length === holder.members.length) return false
    holder.members = kept
    return true
  }
  if (!holder.isArray) return false
  const kept = step.every ? [] : holder.items.filter((_item, index) => index !== step.index)
  if (kept.length === holder.items.length) return false
  holder.items = kept
  return true
}

/** Gives members and items a value, whether they are there or not: what stands twice stands there once. */
export function set(text: string): Act {
  return (holder, step) => {
    if (holder.isObject) return setMember(holder, step, text)
    if (!holder.isArray) return false
    const { items } = holder
    if (step.end) items.push(new JsonValue(text))
    else if (step.every) holder.items = items.map(() => new JsonValue(text))
    else if (step.index === -1 || step.index >= items.length) return false
    else items[step.index] = new JsonValue(text)
    return true
  }
}

function setMember(holder: JsonValue, step: Step, text: string): boolean {
  const { members } = holder
  if (step.every) {
    for (const member of members) member.value = new JsonValue(text)
    return members.length > 0
  }
  const first = members.find(({ key }) => key === step.name)
  if (first === undefined) {
    members.push({ key: step.name, name: JSON.stringify(step.name), value: new JsonValue(text) })
    return true
  }
  first.value = new JsonValue(text)
  holder.members = members.filter((member) => member === first || member.key !== step.name)
  return true
}

/** Adds a member that is not there; in an array, an item before the one that is, or behind the last. */
export function add(text: string): Act {
  return (holder, step) => {
    if (holder.isObject)
      return !holder.members.some(({ key }) => key === step.name) && setMember(holder, step, text)
    if (!holder.isArray) return false
    const { items } = holder
    const index = step.end ? items.length : step.index
    if (index === -1 || index > items.length) return false
    items.splice(index, 0, new JsonValue(text))
    return true
  }
}

/** Gives a member another name. What had that name goes. */
export function rename(to: string): Act {
  const name = JSON.stringify(to)
  return (holder, step) => {
    if (!holder.isObject || !holder.members.some(({ key }) => key === step.name)) return false
    const others = holder.members.filter(({ key }) => key !== to || key === step.name)
    holder.members = others.map((member) =>
      member.key === step.name ? { key: to, name, value: member.value } : member
    )
    return true
  }
}

/** Puts a text in the place of values; `null` stays. */
export function mask(text: string, keepLast: number): Act {
  const maskOf = (value: JsonValue): JsonValue | null => {
    if (value.text === 'null') return null
    return new JsonValue(JSON.stringify(text + (keepLast === 0 ? '' : endOf(value, keepLast))))
  }
  return (holder, step) => {
    let changed = false
    if (holder.isObject) {
      for (const member of holder.members) {
        const masked = matches(step, member.key) ? maskOf(member.value) : null
        if (masked === null) continue
        member.value = masked
        changed = true
      }
    } else if (holder.isArray) {
      for (const [index, item] of holder.items.entries()) {
        const masked = step.every || index === step.index ? maskOf(item) : null
        if (masked === null) continue
        holder.items[index] = masked
        changed = true
      }
    }
    return changed
  }
}

// Of what is hardly longer nothing is shown, and nothing of objects and arrays.
function endOf({ text, isObject, isArray }: JsonValue, count: number): string {
  if (text === null || isObject || isArray) return ''
  const characters = Array.from(text.startsWith('"') ? jsonStringOf(text) : text)
  return characters.length < count * 2 ? '' : characters.slice(-count).join('')
}
