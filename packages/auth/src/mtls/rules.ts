import type { MtlsRuleConfig, MtlsSchemeConfig } from '../config/config.js'
import type { Found } from '../found.js'
import { type ClientCertificate, plainFingerprint } from './certificate.js'

const NAMES = ['uri', 'dns', 'email', 'cn', 'organization', 'unit'] as const

/** Yields what is wrong with a scheme of certificates. */
export function* checkMtls(
  { allow = [] }: MtlsSchemeConfig,
  at: string,
  consumers: object
): Iterable<string> {
  for (const [index, rule] of allow.entries()) {
    const place = `${at}.allow[${index}]`
    const conditions = [...NAMES, 'fingerprint' as const].filter((name) => rule[name] !== undefined)
    if (conditions.length === 0) yield `${place}: lets every certificate in; give a name or a fingerprint`
    for (const name of NAMES) {
      const pattern = rule[name]
      if (pattern === undefined) continue
      if (pattern === '*') yield `${place}.${name}: '*' is every name; leave it out`
      else if (pattern.slice(1, -1).includes('*'))
        yield `${place}.${name}: a * stands at the begin or the end only`
    }
    if (rule.consumer !== undefined && !Object.hasOwn(consumers, rule.consumer))
      yield `${place}.consumer: there is no consumer '${rule.consumer}' in authentication.consumers`
  }
}

/** Whom a certificate is of; a text says why of nobody. */
export function foundIn(
  certificate: ClientCertificate,
  { identify = 'name', allow }: MtlsSchemeConfig
): Found | string {
  const subject = subjectOf(certificate, identify)
  if (subject === null) return `the certificate has no ${identify}, or several`
  if (allow === undefined) return { subject }
  const rule = allow.find((one) => holds(one, certificate))
  if (rule === undefined) return `no rule lets the certificate of '${subject}' in`
  const { consumer, scopes, roles, metadata } = rule
  return {
    subject,
    ...(consumer === undefined ? {} : { consumer }),
    ...(scopes === undefined ? {} : { scopes }),
    ...(roles === undefined ? {} : { roles }),
    ...(metadata === undefined ? {} : { metadata })
  }
}

function subjectOf(
  certificate: ClientCertificate,
  identify: NonNullable<MtlsSchemeConfig['identify']>
): string | null {
  if (identify === 'fingerprint') return certificate.fingerprint
  if (identify !== 'name') return only(certificate[identify])
  const { uri, dns, email, cn } = certificate
  return uri[0] ?? dns[0] ?? email[0] ?? only(cn)
}

// Of several, which one is meant cannot be told.
function only(names: readonly string[]): string | null {
  return names.length === 1 && names[0] !== '' ? (names[0] as string) : null
}

function holds(rule: MtlsRuleConfig, certificate: ClientCertificate): boolean {
  const { fingerprint } = rule
  if (fingerprint !== undefined && plainFingerprint(fingerprint) !== certificate.fingerprint) return false
  return NAMES.every((name) => {
    const pattern = rule[name]
    return pattern === undefined || certificate[name].some((one) => matches(one, pattern))
  })
}

function matches(name: string, pattern: string): boolean {
  const open = pattern.startsWith('*')
  const close = pattern.endsWith('*')
  const text = pattern.slice(open ? 1 : 0, close ? -1 : undefined)
  if (open && close) return name.includes(text)
  if (open) return name.length > text.length && name.endsWith(text)
  return close ? name.length > text.length && name.startsWith(text) : name === text
}
