/** The parts of a JSON Schema that have words of their own. */
interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly pattern?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  /** What a pattern asks for, in words: `a path that begins with '/'`. */
  readonly rule?: string
}

/** What a value must be by its schema, in words that follow "must be": `a whole number from 1 to 9`. */
export function ruleOf(schema: object): string {
  const {
    type,
    const: literal,
    rule,
    pattern,
    minLength = 0,
    maxLength,
    minItems = 0,
    maxItems,
    minProperties = 0
  } = schema as Schema
  if (literal !== undefined) return show(literal)
  if (rule !== undefined) return rule
  switch (type) {
    case 'string':
      if (pattern !== undefined) return patternRule(pattern)
      return `a string${extent(minLength, maxLength, 'characters')}`
    case 'array':
      return `a list${extent(minItems, maxItems, 'entries')}`
    case 'integer':
      return `a whole number${range(schema)}`
    case 'number':
      return `a number${range(schema)}`
    case 'boolean':
      return 'true or false'
    default:
      return minProperties > 0 ? 'an object that is not empty' : 'an object'
  }
}

/** What a value must be when several schemas would do: `false, 'safe' or an object`. */
export function ruleOfAny(schemas: readonly object[]): string {
  const rules = [...new Set(schemas.map(ruleOf))]
  if (rules.length === 1) return rules[0] as string
  if (schemas.every((schema) => (schema as Schema).const !== undefined)) return `one of ${rules.join(', ')}`
  return `${rules.slice(0, -1).join(', ')} or ${rules.at(-1)}`
}

function extent(least: number, most: number | undefined, what: string): string {
  if (least === 1 && most === undefined) return ' that is not empty'
  if (most === undefined) return least > 0 ? ` of at least ${least} ${what}` : ''
  return least > 0 ? ` of ${least} to ${most} ${what}` : ` of at most ${most} ${what}`
}

function range({ minimum, exclusiveMinimum, maximum }: Schema): string {
  const above = exclusiveMinimum === undefined ? '' : ` above ${exclusiveMinimum}`
  if (maximum === undefined) return minimum === undefined ? above : ` of at least ${minimum}`
  return minimum === undefined ? `${above} of at most ${maximum}` : ` from ${minimum} to ${maximum}`
}

function patternRule(pattern: string): string {
  if (pattern.includes('ms|s|m|h')) return "a duration such as '250ms', '3s' or '5m'"
  if (pattern.includes('KiB')) return "a size such as '64KiB' or '1MiB'"
  return `a string that matches ${pattern}`
}

const LONGEST = 60

/**
 * A value as it is shown in a sentence: short, and without what is inside it, which may be secret. What JSON would make
 * `null` goes by its own name.
 */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${short(value)}'`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return short(`${value}n`)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'a list'
  const kind: unknown = value.constructor
  if (typeof kind === 'function' && kind.name !== 'Object') return `an instance of ${kind.name}`
  return Object.keys(value).length === 0 ? '{}' : 'an object'
}

/** The beginning of a text that may be long. */
export function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}
