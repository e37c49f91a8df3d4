import { RegistrationError } from '../config/errors.js'

/** The names that features have added of one kind, until the gateway starts. */
export class Registration {
  readonly #kind: string
  readonly #shape: RegExp
  readonly #rule: string
  readonly #names = new Set<string>()
  #isClosed = false

  /** `kind` and `rule` are for people: "reason 'X' must be …". */
  constructor(kind: string, shape: RegExp, rule: string) {
    this.#kind = kind
    this.#shape = shape
    this.#rule = rule
  }

  /** Takes a name. Throws GW_REGISTRATION_INVALID for one of another form, one that is there, or one that comes too late. */
  take(name: unknown): void {
    if (typeof name !== 'string' || !this.#shape.test(name)) this.refuse(name, `must be ${this.#rule}`)
    else if (this.#isClosed) this.refuse(name, 'comes too late: add it before the app is ready')
    else if (this.#names.has(name)) this.refuse(name, 'is there already: choose another name')
    else this.#names.add(name)
  }

  /** Throws GW_REGISTRATION_INVALID with the problem. */
  refuse(name: unknown, rule: string): never {
    throw new RegistrationError(`${this.#kind} '${String(name)}'`, rule)
  }

  /** The gateway starts. */
  close(): void {
    this.#isClosed = true
  }
}

/** Names of reasons and events. */
export const SNAKE_CASE = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/

/** Names of metrics, by the rules of Prometheus. */
export const METRIC_NAME = /^[a-z_:][a-z0-9_:]*$/
