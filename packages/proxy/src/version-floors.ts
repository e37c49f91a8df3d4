/** The oldest version of a dependency that is free of known vulnerabilities, and how much an older one matters. */
export interface VersionFloor {
  readonly name: string
  readonly floor: string
  /** `warn`: the gateway cannot make up for an older one. `info`: what the older one lacks is closed by the gateway itself. */
  readonly level: 'warn' | 'info'
  readonly because: string
}

/** Checked when the forwarder is registered. */
export const VERSION_FLOORS: readonly VersionFloor[] = [
  {
    name: 'undici',
    floor: '7.30.2',
    level: 'warn',
    because: 'an upstream can end the process by TLS renegotiation (CVE-2026-87018)'
  },
  {
    name: '@fastify/reply-from',
    floor: '12.8.1',
    level: 'info',
    because: 'paths with backslashes escape (GHSA-vp2r-3vgv-32g9); the gateway makes the path itself'
  }
]

/** Whether `version` is older than `floor`; both `major.minor.patch`. A prerelease counts as its release. */
export function isOlder(version: string, floor: string): boolean {
  const given = version.split(/[.-]/).map(Number)
  for (const [index, wanted] of floor.split('.').map(Number).entries()) {
    const part = given[index] ?? 0
    if (part !== wanted) return part < wanted
  }
  return false
}
