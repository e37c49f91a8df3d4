import type { KeyPlace } from '@gatewright/core'

/** The schemas of the whole configuration, of a native route's options and of what only a server has: all packages' together. */
export interface ConfigSchemas {
  readonly config: { readonly properties: object }
  readonly native: object
  readonly server: object
}

/** What a package adds to the configuration. */
export interface Fragment {
  readonly name: string
  readonly keys: Readonly<Record<string, { readonly on: readonly KeyPlace[] }>>
}

// Schemas are not part of the packages.
const script = new URL('../../../scripts/fragments.mjs', import.meta.url)
const { composeSchemas, loadFragments } = (await import(script.href)) as {
  composeSchemas(): Promise<ConfigSchemas>
  loadFragments(): Promise<readonly Fragment[]>
}

/** Composes them as the reference page does. */
export const composedSchemas: () => Promise<ConfigSchemas> = composeSchemas

/** The packages that add keys, in the order of the pipeline. */
export const fragments: () => Promise<readonly Fragment[]> = loadFragments
