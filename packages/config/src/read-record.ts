/** What was found at a place: the text of a file, the names of files in a folder, or why neither. */
export type RecordedPlace =
  | { readonly text: string }
  | { readonly names: readonly string[] }
  | { readonly problem: string }

/** Everything that was read for a configuration: plain data. Danger: it has the secrets of `${file:…}`. */
export interface ReadRecord {
  /** Of all contents, those of modules included. */
  readonly fingerprint: string
  /** By absolute path. */
  readonly places: Readonly<Record<string, RecordedPlace>>
}

/** The place as it was then. One that was not read then is a problem. */
export function placeIn({ places }: ReadRecord, path: string): RecordedPlace {
  const { [path]: found } = places
  return found ?? { problem: 'was not read then' }
}
