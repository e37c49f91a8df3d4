import { file } from './file-source.js'
import { http } from './http-source.js'
import type { ConfigSource } from './source.js'

/**
 * Where a configuration comes from: paths of files and folders, URLs, and sources. Of several sources, a later one goes over
 * those in front of it. Paths that stand beside each other are one source.
 */
export type ConfigPlaces = string | ConfigSource | readonly (string | ConfigSource)[]

/** The sources that are meant. */
export function sourcesOf(places: ConfigPlaces): readonly ConfigSource[] {
  const sources: ConfigSource[] = []
  let paths: string[] = []
  const endPaths = (): void => {
    if (paths.length > 0) sources.push(file(...paths))
    paths = []
  }
  for (const place of [places].flat() as readonly (string | ConfigSource)[]) {
    if (typeof place === 'string' && !/^https?:\/\//i.test(place)) {
      paths.push(place)
      continue
    }
    endPaths()
    sources.push(typeof place === 'string' ? http(place) : place)
  }
  endPaths()
  return sources
}
