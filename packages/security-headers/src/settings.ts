import type {
  RequireTlsConfig,
  RequireTlsOptions,
  SecurityHeadersConfig,
  SecurityHeadersOptions
} from './config/config.js'
import { type HeaderList, headerList } from './header-list.js'

/** Settings of `securityHeaders`: the lists of fields, made once. */
export interface SecurityHeadersSettings {
  readonly overTls: HeaderList
  readonly inPlain: HeaderList
  /** Fields that are taken from an upstream's response, in lower case. */
  readonly dropped: ReadonlySet<string>
}

/** Settings of a validated `securityHeaders`; `null` where it is off. */
export function resolveSecurityHeaders(
  config: SecurityHeadersConfig | undefined
): SecurityHeadersSettings | null {
  if (config === undefined || config === false) return null
  const options: SecurityHeadersOptions = config === true ? {} : config
  const { remove = ['x-powered-by'], upstream = 'keep' } = options
  const overTls = headerList(options, true)
  const replaced = upstream === 'replace' ? overTls.map(([name]) => name) : []
  return {
    overTls,
    inPlain: headerList(options, false),
    dropped: new Set([...remove.map((name) => name.toLowerCase()), ...replaced])
  }
}

/** Settings of `requireTls`: nothing optional. */
export interface RequireTlsSettings {
  readonly observe: boolean
  readonly redirect: boolean
  /** Lower case; `null` for those of the route. */
  readonly hosts: readonly string[] | null
  /** `''`, or with its colon. */
  readonly port: string
}

/** Settings of a validated `requireTls`; `null` where it is off. */
export function resolveRequireTls(config: RequireTlsConfig | undefined): RequireTlsSettings | null {
  if (config === undefined || config === false) return null
  const options: RequireTlsOptions = typeof config === 'string' ? { action: config } : config
  const { mode, action, hosts, port = 443 } = options
  return {
    observe: mode === 'observe',
    redirect: action === 'redirect',
    hosts: hosts?.map((host) => host.toLowerCase()) ?? null,
    port: port === 443 ? '' : `:${port}`
  }
}
