// Building blocks of configuration schemas: for the build, and for packages that add keys.

/** The pattern of a duration. */
export const DURATION_PATTERN = '^\\d+(\\.\\d+)?(ms|s|m|h)$'
/** The pattern of a size. */
export const SIZE_PATTERN = '^\\d+(\\.\\d+)?(B|KiB|MiB|GiB)$'

/** Rejects unknown keys. */
export const closed = { additionalProperties: false } as const

/** The inclusive range of a duration. */
export interface DurationRange {
  /** Default 1ms. */
  readonly least?: string
  /** Default 596h: Node fires timers longer than 24.8 days at once. */
  readonly most?: string
  /** The meaning of `0ms`. Without it, zero is rejected like any value below `least`. */
  readonly zero?: string
}

/**
 * A value whose type JSON Schema cannot express: a function, an id, a template literal. `tsType` is its TypeScript
 * type in the generated types.
 */
export const typed = (tsType: string, more: object): object => ({ ...more, tsType })

/**
 * One of several objects, told apart by the literal text of one of their keys, such as `type`: problems are those of the
 * object that this text names.
 */
export const byKind = (propertyName: string, objects: readonly object[]): object => ({
  anyOf: objects,
  discriminator: { propertyName },
  kinds: objects.map((one) => (one as KindOfObject).properties[propertyName]?.const)
})

interface KindOfObject {
  readonly properties: Readonly<Record<string, { readonly const?: unknown } | undefined>>
}

/** A duration; its range is appended to the description. */
export const duration = (
  description: string,
  { least = '1ms', most = '596h', zero }: DurationRange = {}
): object =>
  typed('Duration', {
    type: 'string',
    pattern: DURATION_PATTERN,
    lasts: { least, most, zero: zero !== undefined },
    description: `${description} ${least} to ${most}${zero === undefined ? '' : `; 0ms: ${zero}`}.`
  })
/** A size in bytes. */
export const size = (description: string): object =>
  typed('Size', { type: 'string', pattern: SIZE_PATTERN, description })
/** A host with an optional port. */
export const authority = (description: string): object => ({ type: 'string', minLength: 1, description })
/** An integer within a range. */
export const limit = (description: string, minimum = 0, maximum: number = 2 ** 31 - 1): object => ({
  type: 'integer',
  minimum,
  maximum,
  description
})

/** A percentage. */
export const percent = (description: string, minimum = 0): object => ({
  type: 'number',
  minimum,
  maximum: 100,
  description
})

/** A percentage above zero. */
export const percentAboveZero = (description: string): object => ({
  type: 'number',
  exclusiveMinimum: 0,
  maximum: 100,
  description
})

/** Whether a policy is enforced. */
export const mode: object = {
  anyOf: [
    { type: 'string', const: 'enforce' },
    { type: 'string', const: 'observe' }
  ],
  description:
    "'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request."
}

/** The range of an optional time limit. */
export const UNLIMITED: DurationRange = { zero: 'no limit' }
