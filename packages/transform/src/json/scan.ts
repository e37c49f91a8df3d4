import { jsonStringEnd, jsonStringOf } from '@gatewright/core'

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** A member of an object within a JSON text. */
export interface ScannedMember {
  /** The name, unescaped. */
  readonly key: string
  /** The name as it is written, with its quotes. */
  readonly name: string
  /** The text of the value. */
  readonly value: string
}

/** The members of an object, `text` being that of a valid object without space around it. */
export function membersIn(text: string): ScannedMember[] {
  const members: ScannedMember[] = []
  let at = behindSpace(text, 1)
  while (text.charCodeAt(at) !== CLOSE_OBJECT) {
    const nameEnd = jsonStringEnd(text, at)
    const name = text.slice(at, nameEnd)
    at = behindSpace(text, behindSpace(text, nameEnd) + 1)
    const end = valueEnd(text, at)
    members.push({ key: jsonStringOf(name), name, value: text.slice(at, end) })
    at = behindComma(text, end)
  }
  return members
}

/** The texts of an array's items, `text` being that of a valid array without space around it. */
export function itemsIn(text: string): string[] {
  const items: string[] = []
  let at = behindSpace(text, 1)
  while (text.charCodeAt(at) !== CLOSE_ARRAY) {
    const end = valueEnd(text, at)
    items.push(text.slice(at, end))
    at = behindComma(text, end)
  }
  return items
}

/** Whether a valid JSON text is nested more than `depth` arrays and objects deep. */
export function isDeeperThan(text: string, depth: number): boolean {
  let open = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = jsonStringEnd(text, at) - 1
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (++open > depth) return true
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) open--
  }
  return false
}

/** Behind the value that begins at `at`. */
function valueEnd(text: string, at: number): number {
  const first = text.charCodeAt(at)
  if (first === QUOTE) return jsonStringEnd(text, at)
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return containerEnd(text, at)
  let end = at
  while (end < text.length && !endsScalar(text.charCodeAt(end))) end++
  return end
}

function containerEnd(text: string, at: number): number {
  let open = 0
  for (let end = at; ; end++) {
    const code = text.charCodeAt(end)
    if (code === QUOTE) end = jsonStringEnd(text, end) - 1
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) open++
    else if ((code === CLOSE_OBJECT || code === CLOSE_ARRAY) && --open === 0) return end + 1
  }
}

function endsScalar(code: number): boolean {
  return code === COMMA || code === CLOSE_ARRAY || code === CLOSE_OBJECT || isSpace(code)
}

function behindComma(text: string, at: number): number {
  const next = behindSpace(text, at)
  return text.charCodeAt(next) === COMMA ? behindSpace(text, next + 1) : next
}

/** The next place that is no space. */
export function behindSpace(text: string, at: number): number {
  let next = at
  while (isSpace(text.charCodeAt(next))) next++
  return next
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}
