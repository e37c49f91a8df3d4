// What schemas of keys are made of: for the build alone, and for packages that add keys of their own.

/** What a duration looks like. */
export const DURATION_PATTERN = '^\\d+(\\.\\d+)?(ms|s|m|h)$'
/** What a size looks like. */
export const SIZE_PATTERN = '^\\d+(\\.\\d+)?(B|KiB|MiB|GiB)$'

/** No other keys than those of the schema. */
export const closed = { additionalProperties: false } as const

/** How long a duration may be, both ends included. */
export interface DurationRange {
  /** Default 1ms. */
  readonly least?: string
  /** Default 596h: timers of Node that are set for longer than 24.8 days fire at once. */
  readonly most?: string
  /** What `0ms` means. Without it, zero is as wrong as anything else below `least`. */
  readonly zero?: string
}

/**
 * A value whose type only TypeScript can say: a function, an id of the configuration, text of a certain form.
 * `tsType` is what the generated types say.
 */
export const typed = (tsType: string, more: object): object => ({ ...more, tsType })

/** A duration with its description, to which its range is added. */
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
/** A size with its description. */
export const size = (description: string): object =>
  typed('Size', { type: 'string', pattern: SIZE_PATTERN, description })
/** A host with an optional port, with its description. */
export const authority = (description: string): object => ({ type: 'string', minLength: 1, description })
/** A whole number with its description. */
export const limit = (description: string, minimum = 0, maximum: number = 2 ** 31 - 1): object => ({
  type: 'integer',
  minimum,
  maximum,
  description
})

/** A share in percent with its description. */
export const percent = (description: string, minimum = 0): object => ({
  type: 'number',
  minimum,
  maximum: 100,
  description
})

/** A share in percent that is not nothing, with its description. */
export const percentAboveZero = (description: string): object => ({
  type: 'number',
  exclusiveMinimum: 0,
  maximum: 100,
  description
})

/** Whether a policy acts. */
export const mode: object = {
  anyOf: [
    { type: 'string', const: 'enforce' },
    { type: 'string', const: 'observe' }
  ],
  description:
    "'enforce' (default) acts; 'observe' only tells what it would have done (event `observed`, `exchange.observed`) and lets everything through."
}

/** The range of a time limit that may be left out. */
export const UNLIMITED: DurationRange = { zero: 'no limit' }
