import type { LoadedConfig } from './load.js'
import { ConfigFileError, type FileProblem } from './problems.js'

/**
 * The error that a gateway has refused a configuration with, as one that names the lines of its files. An error of another
 * kind is given back as it is, but for secrets in its message, which are `***`.
 */
export function withPositions(error: unknown, loaded: LoadedConfig): unknown {
  const { code, problems } = (error ?? {}) as {
    readonly code?: unknown
    readonly problems?: readonly string[]
  }
  if (code !== 'GW_CONFIG_INVALID' || problems === undefined) return loaded.redactedError(error)
  const found = problems.map((text): FileProblem => {
    const position = loaded.locate(text)
    const [path, message] = split(loaded.redacted(text))
    return { path, message, ...(position === undefined ? {} : { position }) }
  })
  return new ConfigFileError(found, loaded.texts)
}

// `pools.users.health: …`; a name of a pool may have a colon, but no colon and a space.
function split(text: string): [path: string, message: string] {
  const end = text.indexOf(': ')
  const path = end === -1 ? '' : text.slice(0, end)
  return path === '' || path === 'the configuration' ? ['', text] : [path, text.slice(end + 2)]
}
