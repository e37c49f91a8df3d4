import { durationMs, sizeBytes } from '@gatewright/core'
import type { JwtKeysConfig, JwtSchemeConfig } from '../config/config.js'
import { ASYMMETRIC, type JwtAlgorithm } from './algorithms.js'
import type { KeyAddress } from './fetch-keys.js'
import { mediaType } from './header-checks.js'
import type { RemoteKeySettings } from './remote-keys.js'
import type { VerifierRules } from './verifier.js'

/** What says where keys come from: one of these. */
export const KEY_SOURCES = ['url', 'discovery', 'static', 'secret'] as const

/** The keys of a scheme that has been checked; discovery at the issuer where nothing is said. */
export function keysOf({ keys = {} }: JwtSchemeConfig): JwtKeysConfig {
  return KEY_SOURCES.some((name) => keys[name] !== undefined) ? keys : { ...keys, discovery: true }
}

/** The issuers of a scheme. */
export function issuersOf({ issuer }: JwtSchemeConfig): readonly string[] {
  return [issuer].flat() as readonly string[]
}

/** The algorithms of a scheme. */
export function algorithmsOf(config: JwtSchemeConfig): readonly JwtAlgorithm[] {
  return config.algorithms ?? (keysOf(config).secret === undefined ? ASYMMETRIC : ['HS256'])
}

/** The rules of a scheme that has been checked. */
export function rulesOf(config: JwtSchemeConfig): VerifierRules {
  const { audience, types = ['JWT', 'at+jwt', 'none'], cache = {} } = config
  return {
    algorithms: new Set(algorithmsOf(config)),
    types: new Set(types.map((type) => (type === 'none' ? '' : mediaType(type)))),
    issuers: new Set(issuersOf(config)),
    audiences: audience === false ? null : new Set([audience].flat() as readonly string[]),
    clockSkewMs: durationMs(config.clockSkew ?? '60s') as number,
    requiredClaims: config.requiredClaims ?? [],
    maxLifetimeMs: durationMs(config.maxLifetime ?? '') ?? Number.POSITIVE_INFINITY,
    maxTokenBytes: sizeBytes(config.maxTokenSize ?? '8KiB') as number,
    maxCached: cache === false ? 0 : (cache.maxTokens ?? 10_000)
  }
}

/** How the keys of others are kept. */
export function remoteSettingsOf({ refresh, staleIfError, cooldown }: JwtKeysConfig): RemoteKeySettings {
  return {
    refreshMs: durationMs(refresh ?? '10m') as number,
    staleIfErrorMs: durationMs(staleIfError ?? '24h') as number,
    cooldownMs: durationMs(cooldown ?? '30s') as number
  }
}

/** Where the keys of others are fetched from. */
export function addressOf(config: JwtSchemeConfig): KeyAddress {
  const { url, discovery, timeout, allowHttp = false, ca } = keysOf(config)
  const issuer = discovery === true ? (issuersOf(config)[0] as string) : (discovery ?? null)
  return {
    url: new URL(url ?? (issuer as string)),
    issuer: url === undefined ? issuer : null,
    timeoutMs: durationMs(timeout ?? '5s') as number,
    allowHttp,
    ca
  }
}
