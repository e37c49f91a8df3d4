/** Something that happened on the way. */
export interface Note {
  /** In milliseconds of the gateway's clock. */
  readonly at: number
  readonly text: string
}

const MOST_NOTES = 32

/** The notes of a running exchange, if there are any. */
export class Trail {
  readonly notes: Note[] = []
  /** Whether it has caused a failure of others, such as an open breaker. */
  isFailure = false

  note(at: number, text: string): void {
    if (this.notes.length < MOST_NOTES) this.notes.push({ at, text })
  }
}
