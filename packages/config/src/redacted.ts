import { printable } from '@gatewright/core'

/** What stands for a secret. */
const MASK = '***'
/** A secret of fewer characters is hidden only where it is a whole value. */
const TELLING = 4
/** So much of a secret, and `…` behind it, is one that was cut. */
const BEGINNING = 8

/** A copy of a value in which the secrets are `***`; functions and instances of classes are themselves. */
export function redacted<T>(value: T, secrets: ReadonlySet<string>): T {
  return (secrets.size === 0 ? value : copied(value, secrets)) as T
}

/** An error whose message, stack and causes have the secrets as `***`: itself, changed. */
export function redactedError(error: unknown, secrets: ReadonlySet<string>): unknown {
  const seen = new Set<unknown>()
  for (let one = error; one instanceof Error && !seen.has(one); one = one.cause) {
    seen.add(one)
    try {
      const { message, stack } = one
      const shown = masked(message, secrets)
      if (shown !== message) one.message = shown
      if (stack !== undefined && masked(stack, secrets) !== stack) one.stack = masked(stack, secrets)
    } catch {
      // One that cannot be changed has its own message.
    }
  }
  return error
}

function copied(value: unknown, secrets: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return masked(value, secrets)
  if (Array.isArray(value)) return value.map((part) => copied(part, secrets))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copied(part, secrets)]))
}

function masked(text: string, secrets: ReadonlySet<string>): string {
  let shown = text
  for (const secret of secrets) {
    if (shown === secret) return MASK
    if (secret.length < TELLING) continue
    // As it is, and as it is shown in messages: without controls, and cut.
    for (const form of new Set([
      secret,
      printable(secret, secret.length),
      JSON.stringify(secret).slice(1, -1)
    ])) {
      shown = shown.replaceAll(form, MASK)
      if (shown.includes('…')) shown = withoutCut(shown, form)
    }
  }
  return shown
}

function withoutCut(text: string, secret: string): string {
  let shown = text
  for (let end = shown.indexOf('…'); end !== -1; end = shown.indexOf('…', end + 1)) {
    const start = shown.lastIndexOf(secret.slice(0, BEGINNING), end)
    if (start === -1 || !secret.startsWith(shown.slice(start, end))) continue
    shown = `${shown.slice(0, start)}${MASK}${shown.slice(end)}`
    end = start + MASK.length
  }
  return shown
}
