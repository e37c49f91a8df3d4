import type { IncomingHttpHeaders } from 'node:http'

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

/** The header fields as an object that may be changed. */
export function headerValues(headers: IncomingHttpHeaders): Values {
  return Object.assign(Object.create(null), headers)
}

/** The path parameters as an object that may be changed. */
export function paramValues(params: Readonly<Record<string, string>> | null): Values {
  return Object.assign(Object.create(null), params)
}
