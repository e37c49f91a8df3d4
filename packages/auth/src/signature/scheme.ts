import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Exchange, sizeBytes } from '@gatewright/core'
import type { SignatureKeyConfig, SignatureSchemeConfig } from '../config/config.js'
import { durationOf } from '../duration-of.js'
import {
  ABSENT,
  type Absent,
  type Identified,
  type Invalid,
  invalid,
  type Outcome,
  type Scheme,
  type SchemeContext,
  type SchemeKind,
  unavailable
} from '../scheme.js'
import { withBody } from './body.js'
import { isDigestOf } from './content-digest.js'
import { Replays } from './replays.js'
import { fieldValue, signatureBase } from './signature-base.js'
import { parseSignatureInput, type SignatureInput, signatureIn } from './signature-input.js'

const COVERS = ['@method', '@path', '@query']

/** A scheme of signed requests (RFC 9421). */
export const signatureKind: SchemeKind<SignatureSchemeConfig> = {
  type: 'signature',
  *check({ keys }, at, { consumers = {} }) {
    const ids = new Set<string>()
    for (const [index, { id, consumer }] of keys.entries()) {
      if (ids.has(id)) yield `${at}.keys[${index}].id: '${id}' is there twice`
      ids.add(id)
      if (consumer !== undefined && !Object.hasOwn(consumers, consumer))
        yield `${at}.keys[${index}].consumer: there is no consumer '${consumer}' in authentication.consumers`
    }
  },
  create: (config, context) => new SignatureScheme(config, context)
}

/** A request whose signature is right; its body has not been looked at. */
interface Signed {
  readonly kind: 'signed'
  readonly outcome: Identified
  readonly id: string
  readonly checksBody: boolean
}

class SignatureScheme implements Scheme {
  readonly name: string
  readonly challenge: string
  readonly #keys = new Map<string, { readonly secret: string; readonly outcome: Identified }>()
  readonly #covers: readonly string[]
  readonly #toleranceMs: number
  readonly #bodyBytes: number
  readonly #most: number
  readonly #replays: Replays

  constructor(config: SignatureSchemeConfig, context: SchemeContext) {
    const { keys, covers = COVERS, tolerance = '5m', body = '1MiB', maxRemembered = 100_000 } = config
    this.name = context.name
    this.challenge = `Signature realm="${context.realm}"`
    for (const key of keys) this.#keys.set(key.id, { secret: key.secret, outcome: outcomeOf(key, context) })
    this.#covers = covers
    this.#toleranceMs = durationOf(tolerance)
    this.#bodyBytes = sizeBytes(body) as number
    this.#most = maxRemembered
    this.#replays = context.keep('replays', () => new Replays(context.gateway.clock))
  }

  commit(): void {
    this.#replays.use(this.#most)
  }

  authenticate(exchange: Exchange, done: (outcome: Outcome) => void): void {
    const signed = this.#read(exchange)
    if (signed.kind !== 'signed') done(signed)
    else if (!signed.checksBody) done(this.#taken(signed))
    else
      withBody(exchange, this.#bodyBytes, done, (body) =>
        isDigestOf(fieldValue(exchange, 'content-digest') ?? '', body)
          ? this.#taken(signed)
          : invalid('the body is another one than its Content-Digest says')
      )
  }

  // Nobody can guess a signature, but one must be looked at to be known.
  recall(exchange: Exchange): Absent | null {
    return fieldValue(exchange, 'signature-input') === null ? ABSENT : null
  }

  #read(exchange: Exchange): Signed | Absent | Invalid {
    const field = fieldValue(exchange, 'signature-input')
    if (field === null) return ABSENT
    const input = parseSignatureInput(field)
    if (typeof input === 'string') return invalid(`the signature: ${input}`)
    const signature = signatureIn(fieldValue(exchange, 'signature') ?? '', input.label)
    if (signature === null) return invalid('the Signature is missing or malformed')
    const problem = this.#timeProblem(input, Date.now()) ?? this.#coverProblem(input, exchange)
    if (problem !== null) return invalid(`the signature: ${problem}`)
    const key = this.#keys.get(input.keyId)
    if (key === undefined) return invalid('the signature is of an unknown key')
    const base = signatureBase(exchange, input)
    if (typeof base !== 'string')
      return invalid(`the signature covers '${base.missing}', which the request has not`)
    const right = createHmac('sha256', key.secret).update(base).digest()
    if (!timingSafeEqual(right, signature))
      return invalid(`the signature of the key '${input.keyId}' is wrong`)
    const checksBody = input.components.includes('content-digest')
    return {
      kind: 'signed',
      outcome: key.outcome,
      id: `${input.keyId} ${signature.toString('base64')}`,
      checksBody
    }
  }

  #timeProblem({ created, expires }: SignatureInput, now: number): string | null {
    const age = now - created * 1_000
    if (Math.abs(age) > this.#toleranceMs) return age > 0 ? 'it is too old' : 'it is from the future'
    return expires !== null && now >= expires * 1_000 ? 'it has expired' : null
  }

  #coverProblem({ components }: SignatureInput, { ingress }: Exchange): string | null {
    const wanted = ingress.hasBody ? [...this.#covers, 'content-digest'] : this.#covers
    const missing = wanted.find((component) => !components.includes(component))
    return missing === undefined ? null : `it does not cover '${missing}'`
  }

  #taken({ id, outcome }: Signed): Outcome {
    // As long as its time is near enough, counted from the latest one that it may have.
    const result = this.#replays.take(id, 2 * this.#toleranceMs)
    if (result === 'taken') return outcome
    return result === 'replayed'
      ? invalid('the signature was used before')
      : unavailable('too many signatures are remembered (maxRemembered)')
  }
}

function outcomeOf(
  { id: subject, secret: _secret, ...found }: SignatureKeyConfig,
  context: SchemeContext
): Identified {
  const removes = [
    { in: 'header', name: 'signature' },
    { in: 'header', name: 'signature-input' }
  ] as const
  return { kind: 'identified', identity: context.identify({ subject, ...found }), removes, sets: null }
}
