import { hash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** A new API key. */
export interface CreatedApiKey {
  /** For whoever calls, shown once: `acme_live_0aB…`. */
  readonly key: string
  /** What the configuration stores: `sha256:…`. */
  readonly hash: string
  /** Names it in logs; part of the key. */
  readonly id: string
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_LENGTH = 11
const SECRET_LENGTH = 43
const CHECK_LENGTH = 6
const PREFIX = /^[a-z][a-z0-9]{0,15}(?:_[a-z0-9]{1,15}){0,3}$/
const TAIL = new RegExp(`^_([0-9A-Za-z]{${ID_LENGTH}})_[0-9A-Za-z]{${SECRET_LENGTH}}$`)

/**
 * Makes an API key of 256 bits: `<prefix>_<id>_<secret><checksum>`. The prefix is what scanners for leaked secrets look for;
 * the checksum (CRC-32) tells a slip of the pen from a wrong key without a look-up. Throws a TypeError for a prefix that is
 * not made of words of small letters and digits joined by `_`.
 *
 * @example
 * const { key, hash, id } = createApiKey({ prefix: 'acme_live' })
 * // key goes to the customer; { id, hash, consumer: 'acme' } into the configuration
 */
export function createApiKey({ prefix = 'gw' }: { readonly prefix?: string } = {}): CreatedApiKey {
  if (!PREFIX.test(prefix))
    throw new TypeError(
      `the prefix '${prefix.slice(0, 64)}' must be words of small letters and digits joined by _`
    )
  const id = inDigits(randomBytes(8), ID_LENGTH)
  const text = `${prefix}_${id}_${inDigits(randomBytes(32), SECRET_LENGTH)}`
  const key = text + checksumOf(text)
  return { key, hash: hashApiKey(key), id }
}

/** What is stored of a key, whatever its form: `sha256:` and its SHA-256 in base64url. Keys must be made by chance, of 128 bits or more. */
export function hashApiKey(key: string): string {
  return `sha256:${digestOf(key)}`
}

/** The SHA-256 of a key, in base64url. */
export function digestOf(key: string): string {
  return hash('sha256', key, 'base64url')
}

/** The digest that a configured hash holds. */
export function digestIn(hash: string): string {
  const digest = hash.startsWith('sha256:') ? hash.slice(7) : hash
  return digest.length === 64 ? Buffer.from(digest, 'hex').toString('base64url') : digest
}

/** The id of a key that {@link createApiKey} has made, with this prefix or any; `null` for another one, or a wrong checksum. */
export function idIn(key: string, prefix: string | null = null): string | null {
  const end = key.length - CHECK_LENGTH
  const start = end - ID_LENGTH - SECRET_LENGTH - 2
  if (start < 1) return null
  const found = TAIL.exec(key.slice(start, end))
  if (found === null || checksumOf(key.slice(0, end)) !== key.slice(end)) return null
  const own = key.slice(0, start)
  return (prefix === null ? PREFIX.test(own) : own === prefix) ? (found[1] as string) : null
}

function checksumOf(text: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(text))
  return inDigits(bytes, CHECK_LENGTH)
}

function inDigits(bytes: Buffer, length: number): string {
  let number = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  for (; number > 0n; number /= 62n) text = DIGITS[Number(number % 62n)] + text
  return text.padStart(length, '0')
}
