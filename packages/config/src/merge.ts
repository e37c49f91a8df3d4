import type { ConfigDocument } from './document.js'
import { setKey } from './parsed-text.js'
import type { FileProblem } from './problems.js'
import type { Position } from './source-text.js'

/** Maps whose names may stand in any of the files, each in one. */
export const MAPS: readonly string[] = ['pools', 'policies']

/** What a file says of itself. */
const OF_FILES = ['include', '$schema']

/** A configuration that several files make up. */
export interface Merged {
  readonly value: Record<string, unknown>
  /** Where something stands that begins with its path. */
  locate(text: string): Position | undefined
}

/**
 * Puts files together: pools and policies by their names, routes one file after another, any other key in one file alone.
 * What stands twice is a problem.
 */
export function merge(documents: readonly ConfigDocument[], problems: FileProblem[]): Merged {
  const value: Record<string, unknown> = {}
  const owners = new Map<string, ConfigDocument>()
  const routes: { readonly document: ConfigDocument; readonly index: number }[] = []

  function claim(path: string, document: ConfigDocument): boolean {
    const owner = owners.get(path)
    if (owner === undefined) {
      owners.set(path, document)
      return true
    }
    const position = document.locate(path)
    const other = owner.locate(path)
    const where = other === undefined ? owner.source.file : `${other.file}:${other.line}`
    problems.push({
      path,
      message: `stands in ${where} too`,
      ...(position === undefined ? {} : { position })
    })
    return false
  }

  for (const document of documents)
    for (const [key, part] of Object.entries(document.value)) {
      if (OF_FILES.includes(key)) continue
      if (MAPS.includes(key) && isMap(part)) {
        value[key] ??= {}
        const all = value[key] as Record<string, unknown>
        owners.set(key, owners.get(key) ?? document)
        for (const [name, one] of Object.entries(part))
          if (claim(`${key}.${name}`, document)) setKey(all, name, one)
      } else if (key === 'routes' && Array.isArray(part)) {
        value.routes ??= []
        const all = value.routes as unknown[]
        owners.set(key, owners.get(key) ?? document)
        for (const [index, route] of part.entries()) {
          all.push(route)
          routes.push({ document, index })
        }
      } else if (claim(key, document)) setKey(value, key, part)
    }

  return {
    value,
    locate(text) {
      const [, index, rest = ''] = /^routes\[(\d+)\](.*)$/s.exec(text) ?? []
      const route = index === undefined ? undefined : routes[Number(index)]
      if (route !== undefined) return route.document.locate(rest, ['routes', route.index])
      return ownerOf(text, owners)?.locate(text) ?? documents[0]?.locate(text)
    }
  }
}

/** Whether a value is a map of keys. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Who has what a text is about that begins with its path: the longest path counts. */
export function ownerOf<T>(text: string, owners: ReadonlyMap<string, T>): T | undefined {
  const unknown = /^the configuration: unknown key '([^']*)'/.exec(text)?.[1]
  if (unknown !== undefined) return owners.get(unknown)
  let best = ''
  for (const path of owners.keys())
    if (path.length > best.length && text.startsWith(path) && /^(?:$|[.[:])/.test(text.slice(path.length)))
      best = path
  return owners.get(best)
}
