import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** A stored password hash, taken apart. */
export interface PasswordHash {
  /** The binary logarithm of the cost (N), 10 to 20. */
  readonly ln: number
  readonly r: number
  readonly p: number
  readonly salt: Buffer
  readonly hash: Buffer
}

const DEFAULTS = { ln: 15, r: 8, p: 1 } as const
const HASH_BYTES = 32
const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
/** Most memory that a hash may take. */
const MOST_BYTES = 256 * 1_024 ** 2

/**
 * Hashes a password for the configuration, with scrypt (RFC 7914) and a new salt: `$scrypt$ln=15,r=8,p=1$…`. It takes about
 * 100 ms and 32 MiB.
 *
 * @example
 * console.log(await hashPassword('correct horse battery staple'))
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await hashOf(password, { ...DEFAULTS, salt, hash: Buffer.alloc(HASH_BYTES) })
  const { ln, r, p } = DEFAULTS
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`
}

/** Takes a stored hash apart; `null` for one that costs too little or too much to be one. */
export function parsePasswordHash(text: string): PasswordHash | null {
  const [, ln = '', r = '', p = '', salt = '', hash = ''] = FORM.exec(text) ?? []
  const parsed = {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64')
  }
  const fits = parsed.ln >= 10 && parsed.ln <= 20 && parsed.r >= 1 && parsed.p >= 1 && parsed.p <= 16
  return fits && memoryOf(parsed) <= MOST_BYTES && parsed.hash.length >= 16 ? parsed : null
}

/** Whether a password has this hash. Takes the same time for a wrong one. */
export async function isPassword(password: string, stored: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await hashOf(password, stored), stored.hash)
}

function hashOf(password: string, stored: PasswordHash): Promise<Buffer> {
  const { ln, r, p, salt, hash } = stored
  const options = { N: 2 ** ln, r, p, maxmem: 2 * memoryOf(stored) }
  return new Promise((resolve, reject) => {
    // RFC 8265, section 4.2: the same password in another spelling of Unicode is the same.
    scrypt(password.normalize('NFC'), salt, hash.length, options, (error, found) => {
      if (error === null) resolve(found)
      else reject(error)
    })
  })
}

function memoryOf({ ln, r, p }: Pick<PasswordHash, 'ln' | 'r' | 'p'>): number {
  return 128 * r * (2 ** ln + p)
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
