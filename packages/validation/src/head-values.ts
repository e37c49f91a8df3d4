/** An object without a prototype: names come from clients. */
export type Values = Record<string, unknown>

/** The parameters of a query, decoded; one that is given several times is a list. `query` with its `?`, or `''`. */
export function queryValues(query: string): Values {
  const values: Values = Object.create(null)
  for (const [name, value] of new URLSearchParams(query)) {
    const before = values[name]
    if (before === undefined) values[name] = value
    else if (Array.isArray(before)) before.push(value)
    else values[name] = [before, value]
  }
  return values
}

/**
 * The header fields that are forwarded, `[name, value, …]` as received, as an object that may be changed: names in lower case, several of
 * one name joined. Node's own keep only the first of some, while the upstream gets all.
 */
export function headerValues(fields: readonly string[]): Values {
  const values: Values = Object.create(null)
  for (let index = 0; index < fields.length; index += 2) {
    const name = (fields[index] as string).toLowerCase()
    const before = values[name]
    const value = fields[index + 1]
    values[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return values
}

/** The path parameters as an object that may be changed. */
export function paramValues(params: Readonly<Record<string, string>> | null): Values {
  return Object.assign(Object.create(null), params)
}
