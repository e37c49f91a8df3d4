/** Where something listens: `[ADDRESS]:PORT`. */
export interface ListenAddress {
  readonly port: number
  /** `undefined`: the text has none. */
  readonly host: string | undefined
}

/** What `[ADDRESS]:PORT` says, or a port alone; `null` when it is neither. */
export function readAddress(text: string): ListenAddress | null {
  const [, address = '', port = ''] = /^(?:(\[[^\]]+\]|[^:]*):)?(\d{1,5})$/.exec(text) ?? []
  if (port === '' || Number(port) > 65_535) return null
  return { port: Number(port), host: address === '' ? undefined : address.replace(/^\[|\]$/g, '') }
}
