/** Something that happened on the way. */
export interface Note {
  /** In milliseconds of the gateway's clock. */
  readonly at: number
  readonly text: string
}

const MOST_NOTES = 32

/** What is noted of an exchange while it runs, where there is anything to note. */
export class Trail {
  readonly notes: Note[] = []
  /** Whether one of its attempts opened a breaker. */
  tripped = false

  note(at: number, text: string): void {
    if (this.notes.length < MOST_NOTES) this.notes.push({ at, text })
  }
}
