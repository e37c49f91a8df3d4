/** The schemas of the whole configuration, of a native route's options and of what only a server has: all packages' together. */
export interface ConfigSchemas {
  readonly config: { readonly properties: object }
  readonly native: object
  readonly server: object
}

/** Composes them as the reference page does: schemas are not part of the packages. */
export async function composedSchemas(): Promise<ConfigSchemas> {
  const script = new URL('../../../scripts/fragments.mjs', import.meta.url)
  const { composeSchemas } = (await import(script.href)) as { composeSchemas(): Promise<ConfigSchemas> }
  return composeSchemas()
}
