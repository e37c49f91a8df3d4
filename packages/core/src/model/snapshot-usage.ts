/** How many exchanges run on a snapshot: what belongs to an old one alone is given up when none does. */
export interface SnapshotUsage {
  open: number
  /** Called when the last one has ended, once a newer snapshot is there; `null` before. */
  ended: (() => void) | null
}

/** Nothing runs on it yet. */
export function createUsage(): SnapshotUsage {
  return { open: 0, ended: null }
}
