import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '@gatewright/core'
import { BoundedMap } from '../tokens/bounded-map.js'
import type { Credentials } from './credentials.js'
import { HashQueue } from './hash-queue.js'
import { isPassword, parsePasswordHash } from './password-hash.js'
import type { User } from './users.js'

/** How long a wrong password is known: a client that goes on with it costs no hashes. */
const WRONG_MS = 10_000

/** Whose password a name that there is not is compared with, so that it takes as long as one that there is. */
const NOBODY = `$scrypt$ln=15,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`

interface Known {
  readonly right: boolean
  readonly untilMs: number
}

/**
 * Checks passwords, few at one time and each once, and remembers what was found out: by a keyed hash that is of use in this
 * process alone.
 */
export class Passwords {
  readonly #clock: Clock
  readonly #secret = randomBytes(32)
  readonly #queue = new HashQueue()
  readonly #pending = new Map<string, Promise<boolean | null>>()
  #rememberMs = 0
  #most = 0
  // Apart, so that made-up passwords do not push out right ones.
  #right = new BoundedMap<Known>(1)
  readonly #wrong = new BoundedMap<Known>(1_000)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** From now on with these settings. */
  use(rememberMs: number, most: number, concurrency: number): void {
    this.#queue.use(concurrency)
    this.#rememberMs = rememberMs
    if (most !== this.#most) this.#right = new BoundedMap(most)
    this.#most = most
  }

  /** What stands for a password in memory; another hash stored for the user makes another. */
  printOf({ name, password }: Credentials, user: User | undefined): string {
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify([user?.stored ?? null, name, password]))
      .digest('base64url')
  }

  /** Whether a password is right, where that is known; `undefined` where it is not. */
  recall(print: string): boolean | undefined {
    const known = this.#right.get(print) ?? this.#wrong.get(print)
    return known !== undefined && this.#clock() < known.untilMs ? known.right : undefined
  }

  /** Whether a password is right; `null` where too many wait already. `others`: the users whose hashes tell what one costs. */
  async check(
    print: string,
    password: string,
    user: User | undefined,
    others: Iterable<User>
  ): Promise<boolean | null> {
    const known = this.#pending.get(print)
    if (known !== undefined) return await known
    if (this.#queue.isFull) return null
    const checking = this.#queue.run(async () => {
      const right = await isPassword(password, user?.password ?? likeOneOf(others))
      return right && user !== undefined
    })
    this.#pending.set(print, checking)
    try {
      const right = await checking
      const ms = right ? this.#rememberMs : WRONG_MS
      if (ms > 0) (right ? this.#right : this.#wrong).set(print, { right, untilMs: this.#clock() + ms })
      return right
    } finally {
      this.#pending.delete(print)
    }
  }
}

function likeOneOf(users: Iterable<User>): User['password'] {
  const nobody = parsePasswordHash(NOBODY) as User['password']
  for (const { password } of users) return { ...nobody, ln: password.ln, r: password.r, p: password.p }
  return nobody
}
