/** A place in a file. Lines and columns begin at 1. */
export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The text of a file, in which offsets have lines. */
export class SourceText {
  readonly file: string
  readonly text: string
  #starts: number[] | null = null

  /** `file` is the path as it is shown. */
  constructor(file: string, text: string) {
    this.file = file
    this.text = text
  }

  /** Where a character stands. */
  at(offset: number): Position {
    const starts = this.#lines()
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return { file: this.file, line: low + 1, column: offset - (starts[low] as number) + 1 }
  }

  /** A line without its end; `''` behind the last one. */
  line(number: number): string {
    const start = this.#lines()[number - 1]
    if (start === undefined) return ''
    return this.text.slice(start, this.#lines()[number] ?? this.text.length).replace(/\r?\n$/, '')
  }

  #lines(): number[] {
    if (this.#starts === null) {
      this.#starts = [0]
      for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1))
        this.#starts.push(at + 1)
    }
    return this.#starts
  }
}
