/** What a scrape has shown: the lines of the text format. */
export class Scraped {
  readonly text: string
  readonly #values = new Map<string, number>()

  constructor(text: string) {
    this.text = text
    for (const line of text.split('\n')) {
      const [, series, value] = /^([^#\s]\S*(?:\{.*\})?) (\S+)/.exec(line) ?? []
      if (series !== undefined) this.#values.set(series, Number(value))
    }
  }

  /** All series with their values. */
  get series(): ReadonlyMap<string, number> {
    return this.#values
  }

  /** The value of a series, written as `name{label="value"}` in the order of the exposition. */
  value(series: string): number | undefined {
    return this.#values.get(series)
  }

  /** The names of all families, by what `# TYPE` says of them. */
  get types(): ReadonlyMap<string, string> {
    return new Map(
      [...this.text.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, name = '', type = '']) => [name, type])
    )
  }

  /** The names of a family's labels, as its first line has them; `le` left out. */
  labels(name: string): string[] {
    const [, labels = ''] =
      new RegExp(`^${name}(?:_bucket|_total)?\\{(.*)\\} \\S+`, 'm').exec(this.text) ?? []
    return [...labels.matchAll(/(\w+)="/g)]
      .flatMap(([, label = '']) => (label === 'le' ? [] : [label]))
      .sort()
  }
}
