/** Environment variables, read with checks: what is wrong ends the start with a sentence. */
export class Environment {
  readonly #values: Readonly<Record<string, string | undefined>>

  constructor(values: Readonly<Record<string, string | undefined>>) {
    this.#values = values
  }

  /** Whether NODE_ENV is `production`: then nothing is made up that is not set. */
  get production(): boolean {
    return this.#values.NODE_ENV === 'production'
  }

  /** A text; an empty one counts as none. */
  text(name: string): string | null {
    return this.#values[name]?.trim() || null
  }

  /** A list, separated by commas. */
  list(name: string): string[] {
    return (this.text(name) ?? '')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  }

  /** Base URLs of a service. Only outside of production there may be none. */
  urls(name: string): string[] {
    const urls = this.list(name)
    if (this.production && urls.length === 0)
      throw new Error(`${name} is not set: give it the base URLs of the service, separated by commas`)
    return urls
  }

  port(name: string, otherwise: number): number {
    const text = this.text(name) ?? String(otherwise)
    const port = Number(text)
    if (!/^\d+$/.test(text) || port > 65_535)
      throw new Error(`${name} is '${text}': it must be a number from 0 to 65535`)
    return port
  }
}
