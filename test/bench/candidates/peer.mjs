import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { peersFolder } from '../paths.mjs'

const { resolve } = createRequire(`${peersFolder}package.json`)

/** Where an npm peer is installed, to `import()`: the peers are not dependencies of this repository. */
export function peer(name) {
  return pathToFileURL(resolve(name)).href
}
