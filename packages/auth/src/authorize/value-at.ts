/** The value of a claim by its name, else by a path with dots; only what the record itself has. `undefined` for none. */
export function valueAt(record: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(record, path)) return record[path]
  let here: unknown = record
  for (const part of path.split('.')) {
    if (typeof here !== 'object' || here === null || Array.isArray(here) || !Object.hasOwn(here, part))
      return undefined
    here = (here as Readonly<Record<string, unknown>>)[part]
  }
  return here
}
