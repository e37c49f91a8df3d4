// Node sends no others.
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/

/** The upstream's reason phrase, a character a byte; `''` when there is none, or none that can be sent on. */
export function reasonPhrase(statusText: string): string {
  return UNSENDABLE.test(statusText) ? '' : statusText
}
