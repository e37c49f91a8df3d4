/** The tag of something that is the same in meaning, though not byte for byte (RFC 9110, section 8.8.1). */
export function weakened(tag: string): string {
  return tag.startsWith('"') ? `W/${tag}` : tag
}

/**
 * The tag of a 304 (Not Modified): weak where the client knows it as weak, since what it has was compressed. A cache would
 * otherwise not find what it has (RFC 9111, section 4.3.4).
 */
export function tagOfUnmodified(tag: string, ifNoneMatch: string): string {
  const weak = weakened(tag)
  return weak !== tag && ifNoneMatch.includes(weak) ? weak : tag
}
