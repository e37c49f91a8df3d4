/** A step of a {@link Pointer}. */
export interface Step {
  /** The name of a member, unescaped; of an array, the index as text. */
  readonly name: string
  /** The index of an item; -1 for a name that is none. */
  readonly index: number
  /** `*`: every item of an array, and every member of an object. */
  readonly every: boolean
  /** `-`: behind the last item of an array. */
  readonly end: boolean
}

/** A place in a JSON value, or several where there is a `*`: its steps from the whole value. Never empty. */
export type Pointer = readonly Step[]

/** Most steps: each looks through the text of what it leads into. */
const MOST_STEPS = 32

const INDEX = /^(?:0|[1-9]\d{0,8})$/

/**
 * Reads a JSON pointer (RFC 6901), in which a step `*` stands for every item or member. Returns what is wrong with it as a
 * text.
 *
 * @example
 * readPointer('/users/0/mail')
 */
export function readPointer(text: string): Pointer | string {
  if (text === '') return "is the whole body; a pointer to a part of it begins with '/'"
  if (!text.startsWith('/')) return "must begin with '/', as a JSON pointer does"
  if (/~(?![01])/.test(text)) return "has a '~' that is neither '~0' (for '~') nor '~1' (for '/')"
  const steps = text.slice(1).split('/').map(stepOf)
  return steps.length > MOST_STEPS ? `has more than ${MOST_STEPS} steps` : steps
}

function stepOf(escaped: string): Step {
  const name = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
  return {
    name,
    index: INDEX.test(name) ? Number(name) : -1,
    every: escaped === '*',
    end: escaped === '-'
  }
}
