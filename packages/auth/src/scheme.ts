import type { Exchange, Gateway, GatewayError, Identity, Snapshot } from '@gatewright/core'
import type { AuthenticationConfig } from './config/config.js'
import type { Found } from './found.js'

/** Where a credential was found. */
export interface CredentialPlace {
  readonly in: 'header' | 'query' | 'cookie'
  /** Of a header in lower case. */
  readonly name: string
}

/** The request is from somebody. */
export interface Identified {
  readonly kind: 'identified'
  readonly identity: Identity
  /** What the upstream does not get: where the credential was, unless it is to be forwarded. */
  readonly removes: readonly CredentialPlace[]
  /** Headers that the upstream gets, such as claims, or does not get (`null`); `null` for none. See {@link SchemeKind.writes}. */
  readonly sets: readonly (readonly [name: string, value: string | null])[] | null
}

/** The request has no credential of this kind. */
export interface Absent {
  readonly kind: 'absent'
}

/** The credential is wrong: forged, expired, unknown. */
export interface Invalid {
  readonly kind: 'invalid'
  /** What is wrong with it, for the log only. Holds nothing of the credential itself. */
  readonly detail: string
  /** What WWW-Authenticate says in place of the scheme's own challenge, such as `Bearer error="invalid_token"`. */
  readonly challenge?: string
}

/** Whoever could tell does not answer: 503 `auth_unavailable`. */
export interface Unavailable {
  readonly kind: 'unavailable'
  /** For the log only. */
  readonly detail: string
}

/** An authorization service has refused the request, and says how: its response is relayed. */
export interface Answered {
  readonly kind: 'answered'
  readonly detail: string
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** The request may pass, but nobody has said who it is from. */
export interface Passed {
  readonly kind: 'passed'
  /** As in {@link Identified}. */
  readonly sets: Identified['sets']
  /** Why it passes although nobody has allowed it: for the log. `null` where somebody has. */
  readonly because: string | null
}

/** The request cannot be answered, whoever it is from: its body is too large. */
interface Failed {
  readonly kind: 'error'
  readonly error: GatewayError
}

/** What a scheme finds out about a request. */
export type Outcome = Identified | Passed | Absent | Invalid | Unavailable | Answered | Failed

/** The request has no credential of this kind. */
export const ABSENT: Absent = Object.freeze({ kind: 'absent' })

/** The credential is wrong. `detail` is for the log, `challenge` for the client. */
export function invalid(detail: string, challenge?: string): Invalid {
  return challenge === undefined ? { kind: 'invalid', detail } : { kind: 'invalid', detail, challenge }
}

/** Whoever could tell does not answer. */
export function unavailable(detail: string): Unavailable {
  return { kind: 'unavailable', detail }
}

/**
 * A way to find out who a request is from, made when a configuration is prepared. It serves many requests at once, and keeps
 * what must outlive the configuration by {@link SchemeContext.keep}.
 */
export interface Scheme {
  /** What it is called in the configuration. */
  readonly name: string
  /** What WWW-Authenticate says where it is missing (RFC 9110, section 11.6.1); `''` for nothing. */
  readonly challenge: string
  /**
   * Finds out who a request is from, and calls `done` once: at once where it can, so that a request costs no turn of the
   * event loop. Must not throw; one that does counts as unavailable. The exchange may be over by the time it is done.
   */
  authenticate(exchange: Exchange, done: (outcome: Outcome) => void): void
  /**
   * What is known without work or doubt: the identity of a credential that was found right before or that nobody can guess,
   * or that there is none. `null` for anything else. Asked in place of `authenticate` for clients that have failed too often;
   * without it they are all refused.
   */
  recall?(exchange: Exchange): Identified | Absent | null
  /** The configuration takes over: settings of what is kept may change from now on. Must not fail. */
  commit?(): void
  /** What it keeps and counts: values of the metrics in `gauges.ts`, by their names. */
  figures?(): Iterable<readonly [metric: string, value: number]>
  /** Whether it is asked however often a client has failed: whoever it asks limits that itself. Default false. */
  readonly limitsItself?: boolean
}

/** What is kept over changes of the configuration. */
export interface Kept {
  /** The scheme is gone, or the app closes: timers and files go. */
  close?(): void
}

/** What a scheme is made with. */
export interface SchemeContext {
  readonly name: string
  readonly gateway: Gateway
  /** The configuration that is being prepared. */
  readonly next: Snapshot
  /** What WWW-Authenticate calls the protected space. */
  readonly realm: string
  /** Problems of the configuration found while it is made, each beginning with a path. */
  readonly problems: string[]
  /** The path of the scheme in the configuration, for problems. */
  readonly at: string
  /** Makes the identity of what was found: with the consumer it belongs to, and what is known of that. */
  identify(found: Found): Identity
  /**
   * What a scheme of this kind and name has kept under `part`, or what `create` makes. Name the part by what it depends on
   * (`jwks https://…`), so that another setting begins anew. Closed when no configuration takes it any more.
   */
  keep<T extends object>(part: string, create: () => T & Kept): T
}

/** A kind of scheme: the `type` of its configuration. */
export interface SchemeKind<Config extends { readonly type: string } = { readonly type: string }> {
  readonly type: Config['type']
  /** Yields what is wrong that the schema cannot see, each sentence beginning with `at`. */
  check?(config: Config, at: string, all: AuthenticationConfig): Iterable<string>
  /** Header names in lower case that schemes of this configuration set for upstreams: clients' own are dropped. */
  writes?(config: Config): Iterable<string>
  /** Makes a scheme. May wait for a library to load, and for nothing else. */
  create(config: Config, context: SchemeContext): Scheme | Promise<Scheme>
}
