import type { LoadedConfig } from './load.js'
import { ConfigFileError, type FileProblem } from './problems.js'

/** The lines of the error that a gateway's start or change rejects with. */
const LINE = /^ {2}- (.*)$/gm

/**
 * The error that a gateway has refused a configuration with, as one that names the lines of its files. An error of another
 * kind is given back as it is.
 */
export function withPositions(error: unknown, loaded: LoadedConfig): unknown {
  if ((error as { code?: unknown } | null)?.code !== 'GW_CONFIG_INVALID') return error
  const problems = [...(error as Error).message.matchAll(LINE)].map(([, text = '']): FileProblem => {
    const position = loaded.locate(text)
    const [path, message] = split(loaded.redacted(text))
    return { path, message, ...(position === undefined ? {} : { position }) }
  })
  return problems.length === 0 ? error : new ConfigFileError(problems, loaded.texts)
}

// `pools.users.health: …`; a name of a pool may have a colon, but no colon and a space.
function split(text: string): [path: string, message: string] {
  const end = text.indexOf(': ')
  const path = end === -1 ? '' : text.slice(0, end)
  return path === '' || path === 'the configuration' ? ['', text] : [path, text.slice(end + 2)]
}
