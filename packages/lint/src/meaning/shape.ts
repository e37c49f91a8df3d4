/**
 * What a value means, so that two spellings of one meaning are the same: `'1s'` and `'1000ms'`, a default that is left out
 * and one that is written down, a list in which the order says nothing.
 */
export type Shape =
  | {
      readonly kind: 'scalar'
      readonly default?: unknown
      readonly fold?: (value: unknown) => unknown
      /** It is of keys that its object has in its place: the path is that of the object. */
      readonly ofObject?: true
    }
  | { readonly kind: 'duration' | 'size'; readonly default?: string }
  /** A URL: its queries may hold secrets. */
  | { readonly kind: 'url' }
  /** Never shown. */
  | { readonly kind: 'secret' }
  /** A list, or one of its entries alone, in which the order says nothing. */
  | {
      readonly kind: 'set'
      readonly default?: readonly unknown[]
      readonly fold?: (value: unknown) => unknown
      readonly secret?: true
    }
  /** A list in which the order says something. */
  | { readonly kind: 'list'; readonly of: Shape }
  /** A list whose entries have names; the order says nothing, unless `ordered`. */
  | {
      readonly kind: 'keyed'
      readonly of: Shape
      readonly ordered?: true
      key(entry: unknown, index: number): string
    }
  /** Names that the user chooses. Of `secretNames`, values of names that usually hold secrets are not shown. */
  | {
      readonly kind: 'map'
      readonly of: Shape
      readonly fold?: (name: string) => string
      readonly secretNames?: true
    }
  | {
      readonly kind: 'object'
      readonly keys: Readonly<Record<string, Shape>>
      /** The long form of a value that is no object: `true`, `'safe'`. */
      readonly long?: (value: unknown) => unknown
      /** Left out, it means its defaults. */
      readonly always?: true
      /** `false` is the same as leaving it out. */
      readonly falseIsNone?: true
    }

type ObjectShape = Extract<Shape, { kind: 'object' }>

/** A value that is compared as it is. */
export function scalar(otherwise?: unknown): Shape {
  return { kind: 'scalar', default: otherwise }
}

/** A text in which upper and lower case are the same. */
export function caseless(otherwise?: string): Shape {
  return { kind: 'scalar', default: otherwise, fold: lower }
}

/** A time such as `'5s'`. */
export function duration(otherwise?: string): Shape {
  return otherwise === undefined ? { kind: 'duration' } : { kind: 'duration', default: otherwise }
}

/** A number of bytes such as `'1MiB'`. */
export function size(otherwise?: string): Shape {
  return otherwise === undefined ? { kind: 'size' } : { kind: 'size', default: otherwise }
}

/** A list in which the order says nothing. */
export function set(otherwise?: readonly unknown[]): Shape {
  return otherwise === undefined ? { kind: 'set' } : { kind: 'set', default: otherwise }
}

/** A list of header names. */
export function names(otherwise?: readonly string[]): Shape {
  return otherwise === undefined
    ? { kind: 'set', fold: lower }
    : { kind: 'set', default: otherwise, fold: lower }
}

/** A list in which the order says something. */
export function list(of: Shape = scalar()): Shape {
  return { kind: 'list', of }
}

/** Names that the user chooses. */
export function map(of: Shape = scalar()): Shape {
  return { kind: 'map', of }
}

/** Header fields by name. */
export const fields: Shape = {
  kind: 'map',
  of: scalar(),
  fold: (name) => name.toLowerCase(),
  secretNames: true
}

/** Never shown. */
export const secret: Shape = { kind: 'secret' }

/** An object with keys of its own. */
export function object(
  keys: Readonly<Record<string, Shape>>,
  long?: (value: unknown) => unknown
): ObjectShape {
  return long === undefined ? { kind: 'object', keys } : { kind: 'object', keys, long }
}

/** An object that means its defaults where it is left out. */
export function always(keys: Readonly<Record<string, Shape>>): ObjectShape {
  return { kind: 'object', keys, always: true }
}

/** An object that is left out where it is `false`. */
export function orNone(shape: Shape): Shape {
  return shape.kind === 'object' ? { ...shape, falseIsNone: true } : shape
}

/** The long form of `true`. */
export function on(value: unknown): unknown {
  return value === true ? {} : value
}

/** How a policy acts. */
export const mode: Shape = scalar('enforce')

function lower(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value
}
