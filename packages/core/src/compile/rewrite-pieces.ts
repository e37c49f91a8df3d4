import type { Params } from '../model/route.js'

const PLACEHOLDER = /^:([A-Za-z_]\w*)/

/** Compiles a path with `:parameters` and `*`; what parameters stand for is encoded again. `''` and `/` are no segment. */
export function compileSegments(path: string): (params: Params | null) => string {
  const pieces = path.split('/').slice(1).map(compileSegment)
  return (params) => {
    let made = ''
    for (const piece of pieces) made += `/${piece(params)}`
    return made
  }
}

function compileSegment(segment: string): (params: Params | null) => string {
  if (segment === '*') return (params) => parameter(params, '*').split('/').map(encodeURIComponent).join('/')
  const [text, name] = PLACEHOLDER.exec(segment) ?? []
  if (text === undefined || name === undefined) return () => segment
  const rest = segment.slice(text.length)
  return (params) => encodeURIComponent(parameter(params, name)) + rest
}

function parameter(params: Params | null, name: string): string {
  return params !== null && Object.hasOwn(params, name) ? (params[name] as string) : ''
}

/** The first segments of a path, or all of it where it has fewer: `/a/b` of `/a/b/c` for 2. */
export function firstSegments(path: string, count: number): string {
  let end = 0
  for (let index = 0; index < count && end !== -1; index++) end = path.indexOf('/', end + 1)
  return end === -1 ? path : path.slice(0, end)
}

/** A path without its last slash. */
export function withoutSlash(path: string): string {
  return path.replace(/\/$/, '')
}
