import type { IngressSettings } from '../model/ingress-settings.js'

/** What to do with a request header, by name. */
export const KIND = {
  keep: 0,
  host: 1,
  contentLength: 2,
  transferEncoding: 3,
  connection: 4,
  te: 5,
  drop: 6,
  forwardedFor: 7,
  forwardedProto: 8,
  forwardedHost: 9,
  forwardedPort: 10,
  forwarded: 11,
  via: 12,
  expect: 13,
  refuse: 14,
  trustedOnly: 15,
  deadline: 16,
  contentType: 17
} as const
/** One of {@link KIND}. */
export type Kind = (typeof KIND)[keyof typeof KIND]

const KINDS: Record<string, Kind> = {
  host: KIND.host,
  'content-length': KIND.contentLength,
  'transfer-encoding': KIND.transferEncoding,
  connection: KIND.connection,
  te: KIND.te,
  'keep-alive': KIND.drop,
  'proxy-connection': KIND.drop,
  'proxy-authorization': KIND.drop,
  'proxy-authenticate': KIND.drop,
  'proxy-authentication-info': KIND.drop,
  trailer: KIND.drop,
  upgrade: KIND.drop,
  'http2-settings': KIND.drop,
  'x-real-ip': KIND.drop,
  'x-gw-attempt': KIND.drop,
  'x-forwarded-for': KIND.forwardedFor,
  'x-forwarded-proto': KIND.forwardedProto,
  'x-forwarded-host': KIND.forwardedHost,
  'x-forwarded-port': KIND.forwardedPort,
  forwarded: KIND.forwarded,
  via: KIND.via,
  expect: KIND.expect
}

/** Whether the gateway itself decides about a header, in lower case: framing, connection, forwarding, Host and Via. */
export function isManaged(name: string): boolean {
  return Object.hasOwn(KINDS, name) || name.startsWith('x-forwarded-')
}

const PUNCTUATION = /[^a-z0-9_-]/
const PUNCTUATIONS = /[^a-z0-9]/g

const UNDERSCORE = { reject: KIND.refuse, drop: KIND.drop } as const

/**
 * Classifies a request header. Spellings that were seen are cached, up to a fixed number,
 * so that most names need not be folded to lower case.
 */
export function createKinds(settings: IngressSettings): (name: string) => Kind {
  const kinds = new Map<string, Kind>()

  function kindOf(name: string): Kind {
    const known = kinds.get(name)
    if (known !== undefined) return known
    const kind = classify(name.toLowerCase())
    // Clients choose names, so the table must not grow with them.
    if (kinds.size < 512) kinds.set(name, kind)
    return kind
  }

  function classify(lower: string): Kind {
    const kind = Object.hasOwn(KINDS, lower) ? KINDS[lower] : undefined
    if (kind !== undefined) return kind
    if (lower === settings.deadlineHeader) return KIND.deadline
    if (lower === settings.requestIdHeader || settings.reservedHeaders.has(lower)) return KIND.drop
    if (lower.startsWith('x-forwarded-')) return KIND.trustedOnly
    if (lower === 'content-type') return KIND.contentType
    if (!lower.includes('_')) return PUNCTUATION.test(lower) && isReserved(lower) ? KIND.drop : KIND.keep
    if (settings.underscores !== 'keep') return UNDERSCORE[settings.underscores]
    // An upstream that reads it with hyphens must not get by this spelling what the other one is denied.
    return classify(lower.replaceAll('_', '-')) === KIND.keep ? KIND.keep : KIND.drop
  }

  // Some upstreams read every punctuation mark as the same, as CGI's variables have only one.
  function isReserved(lower: string): boolean {
    return settings.reservedHeaders.has(lower.replaceAll(PUNCTUATIONS, '-'))
  }

  return kindOf
}
