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
  /** Whether it has some places alone: others are read as they are. Default false: they are problems. */
  readonly isPartial?: true
}

/** The place as it was then; `null` for one that is read as it is. */
export function placeIn({ places, isPartial }: ReadRecord, path: string): RecordedPlace | null {
  const { [path]: found } = places
  return found ?? (isPartial ? null : { problem: 'was not read then' })
}
