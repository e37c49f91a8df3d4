import * as nodeModule from 'node:module'
import { pathToFileURL } from 'node:url'

type Resolve = (
  specifier: string,
  context: { readonly parentURL?: string | undefined },
  next: (specifier: string, context: object) => { readonly url: string }
) => { readonly url: string }

type RegisterHooks = (hooks: { readonly resolve: Resolve }) => { deregister(): void }

const { registerHooks } = nodeModule as { readonly registerHooks?: RegisterHooks }

/** Whether this Node loads imported modules again too, when they have changed: 22.15 does, and 23.5. */
export const LOADS_IMPORTS_AGAIN: boolean = registerHooks !== undefined

/**
 * Imports a module, and what it imports by paths, as the content that `key` names: Node keeps modules for ever, by their
 * addresses, so another content needs another address.
 */
export async function importAnew(path: string, key: string): Promise<unknown> {
  const mark = `?content=${key}`
  const hooks = registerHooks?.({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      const isOurs = context.parentURL?.endsWith(mark) === true && /^(?:\.|file:)/.test(specifier)
      return isOurs && found.url.startsWith('file:') ? { ...found, url: found.url + mark } : found
    }
  })
  try {
    return await import(pathToFileURL(path).href + mark)
  } finally {
    hooks?.deregister()
  }
}
