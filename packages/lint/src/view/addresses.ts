/** The host of a URL, without brackets; `''` for what is no URL. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase() : ''
}

/** Whether a URL leads to the own machine. */
export function isLoopback(url: string): boolean {
  const host = hostOf(url)
  return host === 'localhost' || host.endsWith('.localhost') || /^127\./.test(host) || host === '::1'
}
