import { isMap, MAPS, type Merged, ownerOf } from './merge.js'
import { setKey } from './parsed-text.js'

/**
 * Puts the parts of several sources over each other: a later one goes before those in front of it. Pools and policies go by
 * their names, routes by their ids, each as a whole; any other key as a whole. A route that takes the place of another
 * stands where that stood; others follow in the order of the sources.
 */
export function layered(parts: readonly Merged[]): Merged {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const value: Record<string, unknown> = {}
  const owners = new Map<string, Merged>()
  const routes: { readonly part: Merged; readonly index: number }[] = []

  function add(key: string, one: unknown, part: Merged): void {
    if (MAPS.includes(key) && isMap(one)) {
      if (!isMap(value[key])) setKey(value, key, {})
      owners.set(key, part)
      for (const [name, entry] of Object.entries(one)) {
        setKey(value[key] as Record<string, unknown>, name, entry)
        owners.set(`${key}.${name}`, part)
      }
    } else if (key === 'routes' && Array.isArray(one)) {
      if (!Array.isArray(value.routes)) value.routes = []
      owners.set(key, part)
      addRoutes(value.routes as unknown[], one, part)
    } else {
      setKey(value, key, one)
      owners.set(key, part)
    }
  }

  function addRoutes(all: unknown[], more: readonly unknown[], part: Merged): void {
    const places = new Map(all.map((route, place) => [idOf(route), place]))
    for (const [index, route] of more.entries()) {
      const id = idOf(route)
      const place = (id === undefined ? undefined : places.get(id)) ?? all.length
      all[place] = route
      routes[place] = { part, index }
    }
  }

  for (const part of parts) for (const [key, one] of Object.entries(part.value)) add(key, one, part)
  return {
    value,
    locate(text) {
      const [, index, rest = ''] = /^routes\[(\d+)\](.*)$/s.exec(text) ?? []
      const route = index === undefined ? undefined : routes[Number(index)]
      if (route !== undefined) return route.part.locate(`routes[${route.index}]${rest}`)
      return ownerOf(text, owners)?.locate(text) ?? parts[0]?.locate(text)
    }
  }
}

function idOf(route: unknown): string | undefined {
  const { id } = (route ?? {}) as { readonly id?: unknown }
  return typeof id === 'string' ? id : undefined
}
