import { valueAt } from '../authorize/value-at.js'
import type { Found } from '../found.js'

/** Which claims say what; names, or paths with dots. */
export interface ClaimNames {
  readonly subject?: string | undefined
  readonly roles?: string | undefined
  readonly consumer?: string | undefined
}

type Claims = Readonly<Record<string, unknown>>

const NONE: readonly string[] = []

/**
 * What claims say of who it is; `null` when the subject's claim is missing or no text. Scopes are those of `scope` (RFC 8693,
 * section 4.2) or `scp`, a text with spaces between them or a list. Roles that are no texts are left out.
 */
export function foundIn(claims: Claims, { subject = 'sub', roles, consumer }: ClaimNames): Found | null {
  const who = valueAt(claims, subject)
  if (typeof who !== 'string' || who === '') return null
  return {
    subject: who,
    scopes: scopesOf(claims),
    roles: roles === undefined ? NONE : texts(valueAt(claims, roles)),
    ...(consumer === undefined ? {} : { consumer: text(valueAt(claims, consumer)) }),
    claims
  }
}

function scopesOf({ scope, scp }: Claims): readonly string[] {
  const value = scope ?? scp
  return typeof value === 'string' ? value.split(' ').filter((one) => one !== '') : texts(value)
}

function texts(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? NONE : [value]
  return Array.isArray(value)
    ? value.filter((one): one is string => typeof one === 'string' && one !== '')
    : NONE
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
