/**
 * The oldest version of a dependency without a known vulnerability that the gateway cannot make up for. Where the
 * range in package.json lets no older one in, only an override of the app's brings one, which the app can end.
 */
export interface VersionFloor {
  readonly name: string
  readonly floor: string
  readonly because: string
}

/** Checked when the forwarder is registered. */
export const VERSION_FLOORS: readonly VersionFloor[] = [
  {
    name: 'undici',
    floor: '7.30.2',
    because: 'an upstream can end the process by TLS renegotiation (CVE-2026-87018)'
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
