import type { Identity } from '@gatewright/core'
import type { ConsumerConfig } from './config/config.js'
import type { Found } from './found.js'

interface Consumer {
  readonly roles: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
}

type Consumers = Readonly<Record<string, ConsumerConfig>>

const NONE: readonly string[] = Object.freeze([])
const NOTHING: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null))

/** The consumers of a configuration: who a subject belongs to, and what is known of it. */
export class ConsumerTable {
  readonly #byName = new Map<string, Consumer>()
  readonly #bySubject = new Map<string, string>()

  constructor(consumers: Consumers = {}) {
    for (const [name, { roles = NONE, metadata, subjects = {} }] of Object.entries(consumers)) {
      this.#byName.set(name, { roles, metadata: withoutPrototype(metadata) })
      for (const [scheme, own] of Object.entries(subjects))
        for (const subject of own) this.#bySubject.set(keyOf(scheme, subject), name)
    }
  }

  /** The identity of what a scheme has found. What a credential says itself goes before what is known of its consumer. */
  identify(scheme: string, { subject, scopes = NONE, claims, ...found }: Found): Identity {
    const name = found.consumer ?? this.#bySubject.get(keyOf(scheme, subject)) ?? null
    const consumer = name === null ? undefined : this.#byName.get(name)
    // One identity may serve many requests.
    return Object.freeze({
      scheme,
      subject,
      consumer: name,
      scopes: frozen(scopes),
      roles: frozen(union(found.roles ?? NONE, consumer?.roles ?? NONE)),
      claims: withoutPrototype(claims),
      metadata: merged(found.metadata, consumer?.metadata)
    })
  }
}

/** Yields subjects that belong to two consumers, and schemes that there are not. */
export function* checkConsumers(
  consumers: Consumers,
  schemes: Readonly<Record<string, unknown>>,
  at: string
): Iterable<string> {
  const owners = new Map<string, string>()
  for (const [name, { subjects = {} }] of Object.entries(consumers))
    for (const [scheme, own] of Object.entries(subjects)) {
      if (!Object.hasOwn(schemes, scheme)) yield `${at}.${name}.subjects.${scheme}: there is no such scheme`
      for (const subject of own) {
        const owner = owners.get(keyOf(scheme, subject))
        if (owner !== undefined && owner !== name)
          yield `${at}.${name}.subjects.${scheme}: '${subject}' belongs to '${owner}' already`
        owners.set(keyOf(scheme, subject), name)
      }
    }
}

/** One identity of several that belong to the same request; `null` where they belong to different consumers. */
export function together(identities: readonly Identity[]): Identity | null {
  const [first] = identities as [Identity]
  if (identities.length === 1) return first
  const consumers = new Set(identities.flatMap(({ consumer }) => consumer ?? []))
  if (consumers.size > 1) return null
  const later = identities.toReversed()
  return Object.freeze({
    scheme: first.scheme,
    subject: first.subject,
    consumer: [...consumers][0] ?? null,
    scopes: [...new Set(identities.flatMap(({ scopes }) => scopes))],
    roles: [...new Set(identities.flatMap(({ roles }) => roles))],
    claims: Object.assign(Object.create(null), ...later.map(({ claims }) => claims)),
    metadata: Object.assign(Object.create(null), ...later.map(({ metadata }) => metadata))
  })
}

/** A copy that inherits nothing: a name such as `constructor` is there only when it was given. */
function withoutPrototype(
  record: Readonly<Record<string, unknown>> | undefined
): Readonly<Record<string, unknown>> {
  if (record === undefined) return NOTHING
  if (Object.isFrozen(record) && Object.getPrototypeOf(record) === null) return record
  return Object.freeze(Object.assign(Object.create(null), record))
}

function merged(
  own: Readonly<Record<string, unknown>> | undefined,
  known: Readonly<Record<string, unknown>> | undefined
): Readonly<Record<string, unknown>> {
  if (own === undefined || known === undefined) return withoutPrototype(own ?? known)
  return Object.freeze(Object.assign(Object.create(null), known, own))
}

function frozen(list: readonly string[]): readonly string[] {
  return Object.isFrozen(list) ? list : Object.freeze([...list])
}

function union(own: readonly string[], known: readonly string[]): readonly string[] {
  if (known.length === 0) return own
  return own.length === 0 ? known : [...new Set([...own, ...known])]
}

// Lengths, so that no two pairs are joined to the same text.
function keyOf(scheme: string, subject: string): string {
  return `${scheme.length}:${scheme}${subject}`
}
