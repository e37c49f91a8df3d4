import fc from 'fast-check'

type Key = string | number

/** Every place inside a value, the value itself not included. */
function placesIn(value: unknown, at: readonly Key[] = []): (readonly Key[])[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...at, Array.isArray(value) ? Number(key) : key]
    return [place, ...placesIn(inner, place)]
  })
}

/** A copy of `value` in which the container of `place` has been changed. Functions are kept as they are. */
function changed(
  value: unknown,
  [key, ...rest]: readonly Key[],
  change: (holder: object, key: Key) => void
): unknown {
  if (key === undefined) return value
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<Key, unknown>
  if (rest.length === 0) change(copy, key)
  else copy[key] = changed(copy[key], rest, change)
  return copy
}

type Change = (holder: object, key: Key) => void

const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
  fc.constantFrom<unknown>(
    '',
    ' ',
    '0',
    '-1s',
    '1s',
    '1KiB',
    '/x',
    '/*',
    '~(',
    'http://a',
    'https://a/b?c#d',
    '__proto__'
  ),
  fc.constantFrom<unknown>(
    0,
    -1,
    1.5,
    2 ** 31,
    1e300,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    true,
    [],
    {},
    [[]]
  ),
  fc.constant<unknown>(() => {})
)

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    arbitrary: junk.map(
      (value): Change =>
        (holder, key) =>
          Object.assign(holder, { [key]: value })
    ),
    weight: 6
  },
  { arbitrary: fc.constant<Change>((holder, key) => Reflect.deleteProperty(holder, key)), weight: 2 },
  {
    arbitrary: fc.tuple(fc.string(), junk).map(
      ([name, value]): Change =>
        (holder) =>
          Object.assign(holder, { [name]: value })
    ),
    weight: 1
  }
)

/** Copies of a value with a few things in it replaced by anything, taken out or added. */
export function mutated<T extends object>(value: T): fc.Arbitrary<T> {
  const place = fc.constantFrom(...placesIn(value))
  return fc
    .array(fc.tuple(place, change), { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce((copy, [at, one]) => (isIn(copy, at) ? (changed(copy, at, one) as T) : copy), value)
    )
}

// An earlier change may have taken the place away.
function isIn(value: unknown, [key, ...rest]: readonly Key[]): boolean {
  if (key === undefined) return true
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false
  return isIn((value as Record<Key, unknown>)[key], rest)
}
