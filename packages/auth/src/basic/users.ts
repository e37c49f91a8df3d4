import type { BasicUserConfig } from '../config/config.js'
import type { Found } from '../found.js'
import { type PasswordHash, parsePasswordHash } from './password-hash.js'

/** Users as they are stored, by name. */
export type StoredUsers = Readonly<Record<string, string | BasicUserConfig>>

/** A user, made ready. */
export interface User {
  /** The hash as it is stored. */
  readonly stored: string
  readonly password: PasswordHash
  readonly found: Found
}

/** Makes checked users ready. */
export function usersOf(users: StoredUsers): ReadonlyMap<string, User> {
  const ready = new Map<string, User>()
  for (const [name, user] of Object.entries(users)) {
    const { password: stored, ...more } = typeof user === 'string' ? { password: user } : user
    const password = parsePasswordHash(stored)
    if (password !== null) ready.set(name, { stored, password, found: { subject: name, ...more } })
  }
  return ready
}

/** Yields what is wrong with users that have their schema's shape. */
export function* checkUsers(users: StoredUsers, consumers: object | null, at: string): Iterable<string> {
  for (const [name, user] of Object.entries(users)) {
    const { password, consumer } = typeof user === 'string' ? { password: user } : user
    if (name === '' || name.includes(':') || /[^ -\uffff]/.test(name) || name.includes('\x7f'))
      yield `${at}: '${name}' can be no user name: it has a colon or a control character, or nothing`
    if (parsePasswordHash(password) === null)
      yield `${at}.${name}: its hash costs too little (ln below 10) or too much (more than 256 MiB); hashPassword() makes one that does not`
    if (consumer !== undefined && consumers !== null && !Object.hasOwn(consumers, consumer))
      yield `${at}.${name}.consumer: there is no consumer '${consumer}' in authentication.consumers`
  }
}
