import { type Exchange, schemaProblems, toldError } from '@gatewright/core'
import type { BasicSchemeConfig } from '../config/config.js'
import { basicUsers } from '../config/validate.js'
import { durationOf } from '../duration-of.js'
import {
  ABSENT,
  type Absent,
  type Identified,
  type Invalid,
  invalid,
  type Outcome,
  type Scheme,
  type SchemeContext,
  type SchemeKind,
  unavailable
} from '../scheme.js'
import { TokenSource } from '../tokens/token-source.js'
import { openFile, type WatchedFile } from '../watched-file.js'
import { type Credentials, credentialsIn } from './credentials.js'
import { Passwords } from './passwords.js'
import { checkUsers, type StoredUsers, type User, usersOf } from './users.js'

/** A scheme of user names and passwords (RFC 7617). */
export const basicKind: SchemeKind<BasicSchemeConfig> = {
  type: 'basic',
  *check({ users = {}, file, refresh }, at, { consumers = {} }) {
    if (file === undefined && Object.keys(users).length === 0)
      yield `${at}: has no users; give 'users' or 'file'`
    yield* checkUsers(users as StoredUsers, consumers, `${at}.users`)
    if (refresh !== undefined && file === undefined) yield `${at}.refresh: does nothing without 'file'`
  },
  create: (config, context) => new BasicScheme(config, context)
}

class BasicScheme implements Scheme {
  readonly name: string
  readonly challenge: string
  readonly #context: SchemeContext
  readonly #config: BasicSchemeConfig
  readonly #source: TokenSource
  readonly #users: ReadonlyMap<string, User>
  readonly #file: WatchedFile<ReadonlyMap<string, User>> | null
  readonly #passwords: Passwords

  constructor(config: BasicSchemeConfig, context: SchemeContext) {
    const { users = {}, file, refresh = '10s', forward = false } = config
    this.name = context.name
    this.challenge = `Basic realm="${context.realm}", charset="UTF-8"`
    this.#context = context
    this.#config = config
    this.#source = new TokenSource([{ header: 'authorization', scheme: 'Basic' }], forward)
    this.#users = usersOf(users as StoredUsers)
    this.#file =
      file === undefined ? null : openFile(context, file, durationOf(refresh), 'the file of users', readUsers)
    this.#passwords = context.keep('passwords', () => new Passwords(context.gateway.clock))
  }

  commit(): void {
    const { remember = '5m', maxRemembered = 1_000, concurrency = 2 } = this.#config
    this.#passwords.use(durationOf(remember), maxRemembered, concurrency)
  }

  authenticate(exchange: Exchange, done: (outcome: Outcome) => void): void {
    const sent = this.#sent(exchange)
    if ('kind' in sent) {
      done(sent)
      return
    }
    const user = this.#userOf(sent.name)
    const print = this.#passwords.printOf(sent, user)
    const known = this.#passwords.recall(print)
    if (known !== undefined) {
      done(this.#outcomeOf(known, user))
      return
    }
    this.#passwords.check(print, sent.password, user, this.#all()).then(
      (right) =>
        done(
          right === null ? unavailable('too many passwords are being hashed') : this.#outcomeOf(right, user)
        ),
      (error) => done(unavailable(`a password could not be hashed: ${toldError(error)}`))
    )
  }

  recall(exchange: Exchange): Identified | Absent | null {
    const sent = this.#sent(exchange)
    if ('kind' in sent) return sent.kind === 'absent' ? sent : null
    const user = this.#userOf(sent.name)
    if (user === undefined || this.#passwords.recall(this.#passwords.printOf(sent, user)) !== true)
      return null
    return this.#identified(user)
  }

  #sent(exchange: Exchange): Credentials | Absent | Invalid {
    const sent = this.#source.read(exchange)
    if (sent === null) return ABSENT
    if (typeof sent !== 'string') return invalid(sent.problem)
    return credentialsIn(sent) ?? invalid('the Basic credentials are malformed')
  }

  #all(): Iterable<User> {
    return this.#users.size > 0 ? this.#users.values() : (this.#file?.value?.values() ?? [])
  }

  #userOf(name: string): User | undefined {
    return this.#users.get(name) ?? this.#file?.value?.get(name)
  }

  #outcomeOf(right: boolean, user: User | undefined): Outcome {
    if (right && user !== undefined) return this.#identified(user)
    // Who tries may have typed the password where the name belongs.
    return invalid('unknown user or wrong password')
  }

  #identified({ found }: User): Identified {
    return {
      kind: 'identified',
      identity: this.#context.identify(found),
      removes: this.#source.removes(1),
      sets: null
    }
  }
}

function readUsers(json: unknown) {
  const wrong = schemaProblems(basicUsers, json, 'users')
  const problems = wrong.length > 0 ? wrong : [...checkUsers(json as StoredUsers, null, 'users')]
  return problems.length > 0 ? { problems } : { value: usersOf(json as StoredUsers) }
}
