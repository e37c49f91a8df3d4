import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Exchange, sizeBytes } from '@gatewright/core'
import type { WebhookSchemeConfig } from '../config/config.js'
import { durationOf } from '../duration-of.js'
import {
  ABSENT,
  type Absent,
  type Identified,
  invalid,
  type Outcome,
  type Scheme,
  type SchemeContext,
  type SchemeKind,
  unavailable
} from '../scheme.js'
import { withBody } from './body.js'
import { Replays } from './replays.js'
import { readerOf, secretOf, type WebhookReader, type WebhookSignature } from './webhook-format.js'

/** A scheme of webhooks whose body is signed. */
export const webhookKind: SchemeKind<WebhookSchemeConfig> = {
  type: 'webhook',
  *check({ consumer, format, tolerance, maxRemembered, secrets }, at, { consumers = {} }) {
    if (consumer !== undefined && !Object.hasOwn(consumers, consumer))
      yield `${at}.consumer: there is no consumer '${consumer}' in authentication.consumers`
    const timeless = format === 'github' || typeof format === 'object'
    for (const [name, value] of Object.entries({ tolerance, maxRemembered }))
      if (timeless && value !== undefined)
        yield `${at}.${name}: does nothing, as such signatures have no time in them`
    if (format === 'standard')
      for (const [index, secret] of secrets.entries())
        if (secretOf(secret, format).length < 16)
          yield `${at}.secrets[${index}]: must be base64 of at least 16 bytes, with whsec_ before it or not`
  },
  create: (config, context) => new WebhookScheme(config, context)
}

class WebhookScheme implements Scheme {
  readonly name: string
  readonly challenge: string
  readonly #read: WebhookReader
  readonly #secrets: readonly Buffer[]
  readonly #outcome: Identified
  readonly #toleranceMs: number
  readonly #bodyBytes: number
  readonly #most: number
  readonly #replays: Replays

  constructor(config: WebhookSchemeConfig, context: SchemeContext) {
    const { format, secrets, subject = context.name, consumer, scopes, roles, metadata } = config
    const { tolerance = '5m', body = '1MiB', maxRemembered = 100_000 } = config
    this.name = context.name
    this.challenge = `Webhook realm="${context.realm}"`
    this.#read = readerOf(format)
    this.#secrets = secrets.map((secret) => secretOf(secret, format))
    const found = { subject, consumer: consumer ?? null, scopes, roles, metadata }
    const given = Object.fromEntries(
      Object.entries(found).filter(([, value]) => value !== undefined && value !== null)
    )
    const identity = context.identify({ subject, ...given })
    this.#outcome = { kind: 'identified', identity, removes: [], sets: null }
    this.#toleranceMs = durationOf(tolerance)
    this.#bodyBytes = sizeBytes(body) as number
    this.#most = maxRemembered
    this.#replays = context.keep('replays', () => new Replays(context.gateway.clock))
  }

  commit(): void {
    this.#replays.use(this.#most)
  }

  authenticate(exchange: Exchange, done: (outcome: Outcome) => void): void {
    const sent = this.#read(exchange)
    const problem = typeof sent === 'string' ? sent : this.#timeProblem(sent)
    if (sent === null) done(ABSENT)
    else if (problem !== null) done(invalid(`the webhook: ${problem}`))
    else withBody(exchange, this.#bodyBytes, done, (body) => this.#judged(sent as WebhookSignature, body))
  }

  recall(exchange: Exchange): Absent | null {
    return this.#read(exchange) === null ? ABSENT : null
  }

  #timeProblem(sent: WebhookSignature | null): string | null {
    if (sent === null || sent.time === null) return null
    const age = Date.now() - sent.time * 1_000
    if (Math.abs(age) <= this.#toleranceMs) return null
    return age > 0 ? 'it is too old' : 'it is from the future'
  }

  #judged({ before, signatures, time }: WebhookSignature, body: Buffer): Outcome {
    let right: Buffer | null = null
    // All are compared, so that the time tells nothing of which one it was.
    for (const secret of this.#secrets) {
      const digest = createHmac('sha256', secret).update(before).update(body).digest()
      for (const signature of signatures) if (timingSafeEqual(digest, signature)) right = digest
    }
    if (right === null) return invalid('the signature of the webhook is wrong')
    if (time === null) return this.#outcome
    const result = this.#replays.take(right.toString('base64'), 2 * this.#toleranceMs)
    if (result === 'taken') return this.#outcome
    return result === 'replayed'
      ? invalid('the webhook was delivered before')
      : unavailable('too many signatures are remembered (maxRemembered)')
  }
}
