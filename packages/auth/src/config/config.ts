// Long because it has every key of the configuration, with its meaning.
// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Duration, Method, Size } from '@gatewright/core'
import type { AuthTerm } from '../auth-term.js'
import type { AuthorizeFunction, ClaimCondition } from '../authorize/condition.js'
import type { ApiKeyLookup } from '../api-key/lookup-function.js'
import type { AuthenticateFunction } from '../custom/authenticate-function.js'
import type { JwtAlgorithm } from '../jwt/algorithms.js'

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** How it is found out who requests are from: schemes and consumers. Routes use them by `auth`. */
    authentication?: AuthenticationConfig
    /** How requests are authenticated: the name of a scheme, several of them, or false for not at all. Without a credential, or with a wrong one: 401 unauthenticated. At the top it is for routes that have none. */
    auth?: AuthConfig
    /** What whoever was identified must be or have: all of it must hold. Else 403 forbidden, or 401 where nobody was identified. At the top it is for routes that have none. */
    authorize?: AuthorizeConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** How requests are authenticated: the name of a scheme, several of them, or false for not at all. Without a credential, or with a wrong one: 401 unauthenticated. At the top it is for routes that have none. */
    auth?: AuthConfig
    /** What whoever was identified must be or have: all of it must hold. Else 403 forbidden, or 401 where nobody was identified. At the top it is for routes that have none. */
    authorize?: AuthorizeConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** How requests are authenticated: the name of a scheme, several of them, or false for not at all. Without a credential, or with a wrong one: 401 unauthenticated. At the top it is for routes that have none. */
    auth?: AuthConfig
    /** What whoever was identified must be or have: all of it must hold. Else 403 forbidden, or 401 where nobody was identified. At the top it is for routes that have none. */
    authorize?: AuthorizeConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** How requests are authenticated: the name of a scheme, several of them, or false for not at all. Without a credential, or with a wrong one: 401 unauthenticated. At the top it is for routes that have none. */
    auth?: AuthConfig
    /** What whoever was identified must be or have: all of it must hold. Else 403 forbidden, or 401 where nobody was identified. At the top it is for routes that have none. */
    authorize?: AuthorizeConfig
  }
}

/** How it is found out who requests are from: schemes and consumers. Routes use them by `auth`. */
export interface AuthenticationConfig {
  /** Ways to find out who a request is from, by the names that `auth` uses. */
  schemes?: Record<string, ApiKeySchemeConfig | BasicSchemeConfig | CustomSchemeConfig | ForwardSchemeConfig | IntrospectionSchemeConfig | JwtSchemeConfig | MtlsSchemeConfig | SignatureSchemeConfig | WebhookSchemeConfig>
  /** Who calls, by name: what is known of each, whatever credential it comes with. */
  consumers?: Record<string, ConsumerConfig>
  /** Headers that tell upstreams who it is, by name: 'subject', 'consumer', 'scheme', 'scopes', 'roles', 'claims.<path>' or 'metadata.<path>'. A client's own headers of these names are dropped on every route, in every spelling. Default: none. */
  headers?: Record<string, string>
  /** The realm in WWW-Authenticate. Default gateway. */
  realm?: string
  /** How often a client may fail. Default 30 times in 1m; false: no limit. */
  failures?: false | FailureLimitConfig
}

/** A scheme of API keys. */
export interface ApiKeySchemeConfig {
  /** API keys. */
  type: 'apiKey'
  /** Where keys may be; the first place that has one counts. Default [{ header: 'x-api-key' }]. */
  from?: readonly TokenPlace[]
  /** Whether upstreams get the token too. Default false: it is taken out of the request. Danger: an upstream can use it elsewhere. */
  forward?: boolean
  /** What keys begin with: `prefix` of `createApiKey()`. Others, and those whose checksum is wrong, are refused without being looked for. Default: keys of any form. */
  prefix?: string
  /** The keys. */
  keys?: readonly ApiKeyConfig[]
  /** A JSON file with a list of keys, as in `keys`. It is read again when it changes; while it is wrong, the last right one holds. */
  file?: string
  /** How often it is looked at whether the file has changed. Default 10s. 100ms to 1h. */
  refresh?: Duration
  /** Finds a key that is in neither: `async ({ hash, id }) => …`, which returns it as in `keys`, with its `hash`, or null. It never gets the key itself. Throwing, or more than `timeout`: 503 auth_unavailable. Code only. */
  lookup?: ApiKeyLookup
  /** Answers of `lookup` are remembered; false: it is asked with every request. */
  cache?: false | ApiKeyCacheConfig
  /** How long `lookup` may take. Default 5s. 1ms to 1m. */
  timeout?: Duration
}

/** Where a token may be: one of `header`, `cookie` and `query`. */
export interface TokenPlace {
  /** A header. */
  header?: string
  /** What stands before the token in the header. Default: 'Bearer' in Authorization, nothing in others. */
  scheme?: string
  /** A cookie. */
  cookie?: string
  /** A parameter of the query. Danger: URLs end up in histories, logs and Referer; only where clients have no other way. */
  query?: string
}

/** An API key, as it is stored. */
export interface ApiKeyConfig {
  /** The SHA-256 of the key: `hash` of `createApiKey()`. The key itself is stored nowhere. */
  hash: string
  /** What it is called in logs, and the subject of its identity. Default: `key-` and the begin of its hash. */
  id?: string
  /** The consumer that it belongs to. One may have several keys. */
  consumer?: string
  /** Scopes that it has. */
  scopes?: readonly string[]
  /** Roles that it has, beside those of its consumer. */
  roles?: readonly string[]
  /** What else is known of it, before what is known of its consumer. */
  metadata?: Readonly<Record<string, unknown>>
  /** From when on it may be used. */
  notBefore?: string
  /** From when on it may not be used any more. For a rotation: the old key gets a date, the new one is added. */
  expires?: string
}

/** How long the answers of `lookup` are known. */
export interface ApiKeyCacheConfig {
  /** How long a key that was found is known. Default 1m. Danger: as long a withdrawn key passes. 1ms to 1h. */
  found?: Duration
  /** How long one that was not found is known. Default 10s. 1ms to 10m. */
  notFound?: Duration
  /** Keys of each kind that are known at one time. Default 10000. A whole number, 1 to 1000000. */
  maxKeys?: number
}

/** A scheme of user names and passwords (RFC 7617). */
export interface BasicSchemeConfig {
  /** User names and passwords (RFC 7617). Danger without TLS: they can be read on the way. */
  type: 'basic'
  /** Users by name: the hash of a password, or what else is known too. */
  users?: Record<string, string | BasicUserConfig>
  /** A JSON file with users, as in `users`. It is read again when it changes; while it is wrong, the last right one holds. */
  file?: string
  /** How often it is looked at whether the file has changed. Default 10s. 100ms to 1h. */
  refresh?: Duration
  /** Whether upstreams get the token too. Default false: it is taken out of the request. Danger: an upstream can use it elsewhere. */
  forward?: boolean
  /** How long a right password is known, so that not every request costs the time of a hash. Default 5m. 1ms to 24h; 0ms: not at all. */
  remember?: Duration
  /** Passwords that are known at one time. Default 1000. A whole number, 1 to 1000000. */
  maxRemembered?: number
  /** Passwords that are hashed at one time; each takes a thread of the process and, with the default cost, 32 MiB. Default 2. 64 more wait; beyond: 503 auth_unavailable. A whole number, 1 to 64. */
  concurrency?: number
}

/** A user of a Basic scheme. */
export interface BasicUserConfig {
  /** The hash of the password: `await hashPassword(password)`. The password itself is stored nowhere. */
  password: string
  /** The consumer that the user belongs to. */
  consumer?: string
  /** Scopes that the user has. */
  scopes?: readonly string[]
  /** Roles that the user has, beside those of its consumer. */
  roles?: readonly string[]
  /** What else is known of the user, before what is known of its consumer. */
  metadata?: Readonly<Record<string, unknown>>
}

/** A scheme that is a function of your own. */
export interface CustomSchemeConfig {
  /** A function of your own. */
  type: 'custom'
  /** Called with the exchange; returns who it is, `null` for a request without such a credential, `{ invalid }` for a wrong one, or a promise of these. Throwing: 503 auth_unavailable. Code only. */
  authenticate: AuthenticateFunction
  /** Where its credential may be: it is taken out of the request of whoever the function identifies, out of every place that has one. Default: nowhere, and what the function reads reaches the upstream. */
  from?: readonly TokenPlace[]
  /** Whether upstreams get the credential too, although `from` says where it is. Default false. Danger: an upstream can use it elsewhere. */
  forward?: boolean
  /** What WWW-Authenticate says of it. Default: its name. */
  challenge?: string
  /** How long a promise may take. Default 5s. Exceeded: 503 auth_unavailable. 1ms to 1m. */
  timeout?: Duration
}

/** A scheme that asks a service over HTTP (forward auth). */
export interface ForwardSchemeConfig {
  /** A service of yours is asked over HTTP (forward auth). */
  type: 'forward'
  /** The pool of the service: with its health checks, circuit breaker, balancing and time limits. */
  pool: string
  /** The path that is asked. Default /. */
  path?: string
  /** Whether the request's own path and query are put behind `path`. Default false: they stand in X-Forwarded-Uri alone. */
  appendPath?: boolean
  /** The method that is used; 'same': that of the request. Default GET, with `body` POST. */
  method?: 'GET' | 'POST' | 'same'
  /** Headers of the request that the service gets, besides X-Forwarded-Method, -Proto, -Host, -Uri and -For. Default ['authorization', 'cookie']. */
  requestHeaders?: readonly string[]
  /** Headers of a response that allows the request which upstreams get. A client's own are dropped on every route, in every spelling. Default: none. */
  responseHeaders?: readonly string[]
  /** Headers of a response that refuses the request which the client gets. Default ['www-authenticate', 'location', 'set-cookie', 'content-type', 'retry-after']. */
  refusalHeaders?: readonly string[]
  /** Headers of a response that allows a request, from which its identity is made. */
  identity?: ForwardIdentityConfig
  /** Sends the body too, at most so much of it: a longer one is refused with 413 body_too_large. It is read whole before the service is asked. Default: it is not sent. */
  body?: Size
  /** How long an answer may take. Default 2s. Exceeded: as an answer with 5xx. 1ms to 1m. */
  timeout?: Duration
  /** Largest response of the service. Default 64KiB. Exceeded: as an answer with 5xx. */
  maxResponse?: Size
  /** What happens without an answer, or with 5xx: 'closed' (default) answers 503 auth_unavailable, 'open' lets the request through without an identity, and tells (`observed`). Danger of open: whoever can bring the service down is let in. */
  failMode?: 'closed' | 'open'
  /** How long decisions hold. */
  cache?: ForwardCacheConfig
}

/** Headers of a response that allows a request, from which its identity is made. */
export interface ForwardIdentityConfig {
  /** The header that says who it is. */
  subject: string
  /** The header that names the consumer. */
  consumer?: string
  /** The header that lists scopes, with spaces between them. */
  scopes?: string
  /** The header that lists roles, with commas between them. */
  roles?: string
}

/** How long decisions hold. */
export interface ForwardCacheConfig {
  /** How long a request that was allowed is allowed again; at most as long as `max-age` of the response. 1ms to 1h. */
  ttl: Duration
  /** How long one that was refused is refused again. Default 0ms. 1ms to 10m; 0ms: not at all. */
  denied?: Duration
  /** What a decision depends on: headers, ':method', ':host', ':path', ':query' and ':client'. Default: all of these, and all `requestHeaders`. Danger of leaving out what the service looks at: requests get a decision that was made for others. */
  by?: readonly string[]
  /** Decisions that are known at one time. Default 10000. A whole number, 1 to 1000000. */
  maxEntries?: number
}

/** A scheme of tokens that are looked up where they were issued. */
export interface IntrospectionSchemeConfig {
  /** Tokens that say nothing themselves: looked up where they were issued (RFC 7662). */
  type: 'introspection'
  /** The introspection endpoint, with https. */
  url: string
  /** Who the gateway is there. */
  clientId: string
  /** Its secret. */
  clientSecret: string
  /** How they are sent: 'basic' (default) in Authorization, 'post' in the body (RFC 6749, section 2.3.1). */
  clientAuth?: 'basic' | 'post'
  /** What `iss` of an active token must be, one or several. Default: any. */
  issuer?: string | readonly string[]
  /** Whom an active token must be for: one of these must be in its `aud`. Default: anybody, as the endpoint knows who asks. */
  audience?: string | readonly string[]
  /** The claim that says who it is, by its name or by a path with dots. Default sub. It must be there. */
  subject?: string
  /** The claim that lists roles: `roles`, or a path with dots such as `realm_access.roles`. Default: none. */
  roles?: string
  /** The claim that names the consumer, such as `azp`. Default: the consumer that lists the subject. */
  consumer?: string
  /** Where tokens may be; the first place that has one counts. Default [{ header: 'authorization' }], behind Bearer. */
  from?: readonly TokenPlace[]
  /** Whether upstreams get the token too. Default false: it is taken out of the request. Danger: an upstream can use it elsewhere. */
  forward?: boolean
  /** Answers are remembered; false: the endpoint is asked with every request. */
  cache?: false | IntrospectionCacheConfig
  /** Time for a look-up. Default 2s. Exceeded: 503 auth_unavailable. 10ms to 1m. */
  timeout?: Duration
  /** Longest token. Default 8KiB, at most 64KiB. */
  maxTokenSize?: Size
  /** Whether the endpoint may be asked without TLS. Default false. Danger: whoever is on the way sees tokens and the secret, and can let anybody in. */
  allowHttp?: boolean
  /** Certificates of the authorities to trust, PEM text, in place of those that Node trusts. */
  ca?: string
}

/** How long answers hold. */
export interface IntrospectionCacheConfig {
  /** How long an active token is taken for one without asking again, at most until its `exp`. Default 1m. Danger: as long a revoked token passes. 1ms to 1h. */
  active?: Duration
  /** How long one that is not active is taken for that. Default 10s. 1ms to 10m. */
  inactive?: Duration
  /** Active tokens that are remembered, about 2 KiB each. Default 10000. A whole number, 1 to 1000000. */
  maxTokens?: number
}

/** A scheme of JSON Web Tokens. */
export interface JwtSchemeConfig {
  /** JSON Web Tokens (RFC 7519), signed. */
  type: 'jwt'
  /** Who may have issued tokens: exactly what their `iss` says, one or several. */
  issuer: string | readonly string[]
  /** Whom tokens must be for: one of these must be in their `aud`. false: anybody. Danger of false: tokens that the issuer has made for other services pass. */
  audience: false | string | readonly string[]
  /** Where the keys come from that tokens are verified with: one of `url`, `discovery` (default), `static` and `secret`. A key set has at most 100 keys and 512 KiB. */
  keys?: JwtKeysConfig
  /** Signature algorithms that are accepted: RS, PS and ES with 256, 384 and 512, EdDSA, Ed25519; with `keys.secret` HS256, HS384, HS512. Default: all with public keys; with a secret HS256. Never both. */
  algorithms?: readonly JwtAlgorithm[]
  /** Values of `typ` in the token's header that are accepted, in any letter case, such as `at+jwt` (RFC 9068); 'none' stands for tokens without. Default JWT, at+jwt and none. */
  types?: readonly string[]
  /** How far clocks may differ where times of tokens are checked. Default 60s. 1ms to 10m; 0ms: not at all. */
  clockSkew?: Duration
  /** Claims that must be there beside `iss`, `aud`, `exp` and the subject. Default: none. */
  requiredClaims?: readonly string[]
  /** Most time between `iat` (or now) and `exp`. Default: any. 1s to 596h. */
  maxLifetime?: Duration
  /** Longest token. Default 8KiB, at most 64KiB. */
  maxTokenSize?: Size
  /** The claim that says who it is, by its name or by a path with dots. Default sub. It must be there. */
  subject?: string
  /** The claim that lists roles: `roles`, or a path with dots such as `realm_access.roles`. Default: none. */
  roles?: string
  /** The claim that names the consumer, such as `azp`. Default: the consumer that lists the subject. */
  consumer?: string
  /** Where tokens may be; the first place that has one counts. Default [{ header: 'authorization' }], behind Bearer. */
  from?: readonly TokenPlace[]
  /** Whether upstreams get the token too. Default false: it is taken out of the request. Danger: an upstream can use it elsewhere. */
  forward?: boolean
  /** Verified tokens are remembered until they expire or their key is withdrawn; false: each is verified with every request, which costs some 100 µs. */
  cache?: false | JwtCacheConfig
}

/** Where the keys come from that tokens are verified with: one of `url`, `discovery` (default), `static` and `secret`. A key set has at most 100 keys and 512 KiB. */
export interface JwtKeysConfig {
  /** The URL of a key set (JWKS, RFC 7517), with https. It is fetched in the background, and kept over outages. */
  url?: string
  /** Asks the issuer where its key set is (OpenID Connect Discovery): true for `issuer`, or its URL where `issuer` lists several. Its document must name the same issuer. */
  discovery?: true | string
  /** Public keys: PEM texts (keys or certificates) or JWKs. They change with the configuration alone. */
  static?: readonly (string | Readonly<Record<string, unknown>>)[]
  /** A secret shared with the issuer, as UTF-8, for HS256, HS384 or HS512: at least 32, 48 or 64 bytes of chance. Danger: whoever can verify tokens can also make them. */
  secret?: string
  /** How long fetched keys count as the latest where the response does not say (`max-age`). Default 10m. 1m to 24h. */
  refresh?: Duration
  /** How long fetched keys are used beyond that, while they cannot be fetched. Default 24h. 1m to 168h; 0ms: not at all. */
  staleIfError?: Duration
  /** Time between two fetches for the sake of tokens with an unknown key id or a wrong signature. Default 30s. 1s to 1h. */
  cooldown?: Duration
  /** Time for a fetch, and so for a request that waits for it. Default 5s. 100ms to 1m. */
  timeout?: Duration
  /** Whether keys may come without TLS. Default false. Danger: whoever is on the way can put in a key of their own. */
  allowHttp?: boolean
  /** Certificates of the authorities to trust, PEM text, in place of those that Node trusts. */
  ca?: string
}

/** How many verified tokens are remembered. */
export interface JwtCacheConfig {
  /** Good tokens that are remembered, about 2 KiB each. Default 10000. Beyond, the ones that came longest ago are verified again. A whole number, 1 to 1000000. */
  maxTokens?: number
}

/** A scheme of client certificates (mutual TLS). */
export interface MtlsSchemeConfig {
  /** Client certificates (mutual TLS) of the connection itself. The listener must ask for them and trust their authority: `requestCert` and `ca`. */
  type: 'mtls'
  /** What of the certificate is the subject. 'name' (default): the first URI, DNS name or e-mail address among its alternative names, else its common name. A certificate that has no such name, or several, is refused. */
  identify?: 'name' | 'uri' | 'dns' | 'email' | 'cn' | 'fingerprint'
  /** Which certificates are let in; the first rule that holds counts. Default: every one whose authority the listener trusts. */
  allow?: readonly MtlsRuleConfig[]
}

/** Certificates that are let in: everything that is given must hold. */
export interface MtlsRuleConfig {
  /** A URI among the alternative names, such as `spiffe://acme.test/billing`. A * at its begin or end stands for anything. */
  uri?: string
  /** A DNS name among the alternative names. A * at its begin or end stands for anything. */
  dns?: string
  /** An e-mail address among the alternative names. A * at its begin or end stands for anything. */
  email?: string
  /** The common name. A * at its begin or end stands for anything. */
  cn?: string
  /** The organization. A * at its begin or end stands for anything. */
  organization?: string
  /** The organizational unit. A * at its begin or end stands for anything. */
  unit?: string
  /** The SHA-256 fingerprint of the certificate. */
  fingerprint?: string
  /** The consumer that such a certificate belongs to. */
  consumer?: string
  /** Scopes that it has. */
  scopes?: readonly string[]
  /** Roles that it has, beside those of its consumer. */
  roles?: readonly string[]
  /** What else is known of it, before what is known of its consumer. */
  metadata?: Readonly<Record<string, unknown>>
}

/** A scheme of signed requests (RFC 9421). */
export interface SignatureSchemeConfig {
  /** Requests signed by HMAC-SHA256 (HTTP Message Signatures, RFC 9421). */
  type: 'signature'
  /** Who signs. One consumer may have several keys. */
  keys: readonly SignatureKeyConfig[]
  /** What every signature must cover. Default ['@method', '@path', '@query']. A request with a body must cover `content-digest` besides (RFC 9530), which is checked. */
  covers?: readonly string[]
  /** How far the time in a signature may be from the time here, before or after. Default 5m. As long, the same signature is taken once. 1s to 1h. */
  tolerance?: Duration
  /** Signatures that are remembered at one time, so that none is taken twice, about 150 bytes each. Default 100000. Beyond: 503 auth_unavailable. A whole number, 1 to 10000000. */
  maxRemembered?: number
  /** Largest body that is read to be checked. Default 1MiB. Exceeded: 413 body_too_large. */
  body?: Size
}

/** A key that signs requests. */
export interface SignatureKeyConfig {
  /** The `keyid` of its signatures, and the subject of its identity. */
  id: string
  /** The secret that is shared, as UTF-8: 32 bytes of chance or more. */
  secret: string
  /** The consumer that it belongs to. */
  consumer?: string
  /** Scopes that it has. */
  scopes?: readonly string[]
  /** Roles that it has, beside those of its consumer. */
  roles?: readonly string[]
  /** What else is known of it, before what is known of its consumer. */
  metadata?: Readonly<Record<string, unknown>>
}

/** A scheme of webhooks. */
export interface WebhookSchemeConfig {
  /** Webhooks whose body is signed by HMAC-SHA256. */
  type: 'webhook'
  /** Whose form the signature has: 'github' (X-Hub-Signature-256), 'stripe' (Stripe-Signature), 'slack' (X-Slack-Signature), 'standard' (standardwebhooks.com), or one of your own. Danger: those of GitHub and of your own have no time in them, so that one that was overheard can be sent again. */
  format: 'github' | 'stripe' | 'slack' | 'standard' | WebhookFormatConfig
  /** The secrets that are shared with the sender; two while they are changed. */
  secrets: readonly string[]
  /** The subject of its identity. Default: the name of the scheme. */
  subject?: string
  /** The consumer that it belongs to. */
  consumer?: string
  /** Scopes that it has. */
  scopes?: readonly string[]
  /** Roles that it has, beside those of its consumer. */
  roles?: readonly string[]
  /** What else is known of it, before what is known of its consumer. */
  metadata?: Readonly<Record<string, unknown>>
  /** How far the time in a signature may be from the time here, before or after. Default 5m. As long, the same signature is taken once. 1s to 1h. */
  tolerance?: Duration
  /** Signatures that are remembered at one time, so that none is taken twice, about 150 bytes each. Default 100000. Beyond: 503 auth_unavailable. A whole number, 1 to 10000000. */
  maxRemembered?: number
  /** Largest body that is read to be checked. Default 1MiB. Exceeded: 413 body_too_large. */
  body?: Size
}

/** Where the signature of a webhook is, and how it is written. */
export interface WebhookFormatConfig {
  /** The header with the HMAC-SHA256 of the body. */
  header: string
  /** How it is written. Default 'hex'. */
  encoding?: 'hex' | 'base64'
  /** What stands before it, such as 'sha256='. Default nothing. */
  prefix?: string
}

/** A consumer: an application or customer that calls. */
export interface ConsumerConfig {
  /** Roles of its identities, beside those that the credential brings. */
  roles?: readonly string[]
  /** What else is known of it, such as its plan: `identity.metadata`, for rules, limits and headers. No secrets: hooks and logs may show it. */
  metadata?: Readonly<Record<string, unknown>>
  /** The subjects that belong to it, by scheme: `{ tokens: ["svc-acme"] }`. A subject belongs to one consumer. */
  subjects?: Record<string, readonly string[]>
}

/** Failed attempts per client (its address seen through `trustedProxies`; IPv6 by /64). Beyond the limit a client is let in only with credentials that are known already; anything else gets 429 auth_throttled. */
export interface FailureLimitConfig {
  /** Failed attempts of one client in `window` before it is refused. Default 30. A whole number, 1 to 1000000. */
  limit?: number
  /** How long failures count, from the first one on. Default 1m. 1s to 24h. */
  window?: Duration
  /** Clients that are counted apart, about 150 bytes each. Default 100000. Beyond, new ones share 1024 counts. A whole number, 1 to 10000000. */
  maxClients?: number
}

/** How requests are authenticated: the name of a scheme, several of them, or false for not at all. Without a credential, or with a wrong one: 401 unauthenticated. At the top it is for routes that have none. */
export type AuthConfig = false | string | AuthOptions

/** Which schemes a request must satisfy. */
export interface AuthOptions {
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** Schemes of which one must identify the request, asked in this order: names, or `{ all: [...] }`. */
  any?: readonly AuthTerm[]
  /** Schemes that must all identify the request: names, or `{ any: [...] }`. The first one names the subject; scopes, roles and claims of all count. */
  all?: readonly AuthTerm[]
  /** Lets requests without any credentials through, without an identity. Wrong ones are refused all the same. Default false. */
  optional?: boolean
  /** At the top only, and alone: every route must have an `auth` of its own, or of its policies, or `auth: false`; else the gateway does not start. */
  default?: 'deny'
}

/** What whoever was identified must be or have: all of it must hold. Else 403 forbidden, or 401 where nobody was identified. At the top it is for routes that have none. */
export type AuthorizeConfig = false | AuthorizeOptions

/** What a request may do: all of it must hold. */
export interface AuthorizeOptions {
  /** 'enforce' (default) acts; 'observe' only reports what it would have done (event `observed`, `exchange.observed`) and admits every request. */
  mode?: 'enforce' | 'observe'
  /** Scopes that it must have, all of them. */
  scopes?: readonly string[]
  /** Roles of which it must have one. */
  roles?: readonly string[]
  /** Consumers of which it must be one. */
  consumers?: readonly string[]
  /** Subjects of which it must be one. */
  subjects?: readonly string[]
  /** Schemes of which one must have identified it. */
  schemes?: readonly string[]
  /** Claims by name, or by path with dots: a value, or a list of which one will do. A claim that is a list must contain it. */
  claims?: Record<string, ClaimCondition>
  /** The same for metadata of the consumer. */
  metadata?: Record<string, ClaimCondition>
  /** Methods for which it holds. */
  methods?: readonly Method[]
  /** Addresses and CIDR ranges of which the client must be in one, seen through `trustedProxies`. */
  clients?: readonly string[]
  /** A function of the exchange that returns true or false, or a promise of one (at most 5 s). Throwing: 503 auth_unavailable. Code only. */
  check?: AuthorizeFunction
  /** Rules of which one must hold, beside what else is given. */
  any?: readonly AuthorizeRule[]
}

/** A rule: everything that is given must hold. */
export interface AuthorizeRule {
  /** Scopes that it must have, all of them. */
  scopes?: readonly string[]
  /** Roles of which it must have one. */
  roles?: readonly string[]
  /** Consumers of which it must be one. */
  consumers?: readonly string[]
  /** Subjects of which it must be one. */
  subjects?: readonly string[]
  /** Schemes of which one must have identified it. */
  schemes?: readonly string[]
  /** Claims by name, or by path with dots: a value, or a list of which one will do. A claim that is a list must contain it. */
  claims?: Record<string, ClaimCondition>
  /** The same for metadata of the consumer. */
  metadata?: Record<string, ClaimCondition>
  /** Methods for which it holds. */
  methods?: readonly Method[]
  /** Addresses and CIDR ranges of which the client must be in one, seen through `trustedProxies`. */
  clients?: readonly string[]
  /** A function of the exchange that returns true or false, or a promise of one (at most 5 s). Throwing: 503 auth_unavailable. Code only. */
  check?: AuthorizeFunction
}
