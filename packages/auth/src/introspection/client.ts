import { Agent as HttpAgent, request as http } from 'node:http'
import { Agent as HttpsAgent, request as https } from 'node:https'
import type { Timers } from '@gatewright/core'
import type { IntrospectionSchemeConfig } from '../config/config.js'
import { JsonRequestError, requestJson } from '../tokens/json-request.js'
import type { Json } from '../tokens/strict-json.js'

/** Connections that are open at once. */
const MOST_CONNECTIONS = 32
/** Most bytes of a response. */
const MOST_BYTES = 64 * 1_024

/** Asks an introspection endpoint, over connections that are kept. */
export class IntrospectionClient {
  readonly #url: URL
  readonly #timeoutMs: number
  readonly #ca: string | undefined
  readonly #timers: Timers
  readonly #agent: HttpAgent
  readonly #headers: Readonly<Record<string, string>>
  /** What stands in the body beside the token. */
  readonly #credentials: readonly (readonly [name: string, value: string])[]

  constructor(config: IntrospectionSchemeConfig, timeoutMs: number, timers: Timers) {
    const { url, clientId, clientSecret, clientAuth = 'basic', ca } = config
    this.#url = new URL(url)
    this.#timeoutMs = timeoutMs
    this.#ca = ca
    this.#timers = timers
    const options = { keepAlive: true, maxSockets: MOST_CONNECTIONS, maxFreeSockets: 8 }
    this.#agent = this.#url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
    const basic = clientAuth === 'basic' ? { authorization: basicOf(clientId, clientSecret) } : {}
    this.#headers = { 'content-type': 'application/x-www-form-urlencoded', ...basic }
    this.#credentials =
      clientAuth === 'basic'
        ? []
        : [
            ['client_id', clientId],
            ['client_secret', clientSecret]
          ]
  }

  /** Asks about a token (RFC 7662, section 2.1). */
  ask(token: string): { readonly answer: Promise<Json>; abort(): void } {
    const body = new URLSearchParams([
      ['token', token],
      ['token_type_hint', 'access_token'],
      ...this.#credentials
    ] as [string, string][])
    const { response, abort } = requestJson({ http, https }, this.#timers, {
      url: this.#url,
      method: 'POST',
      headers: this.#headers,
      body: body.toString(),
      timeoutMs: this.#timeoutMs,
      maxBytes: MOST_BYTES,
      ca: this.#ca,
      agent: this.#agent
    })
    return { answer: response.then(({ value }) => value, told), abort }
  }

  /** Connections that wait for the next request go. */
  close(): void {
    this.#agent.destroy()
  }
}

function told(error: unknown): never {
  if (error instanceof JsonRequestError && (error.status === 401 || error.status === 403))
    throw new Error(`it answered ${error.status}: it does not take the gateway's own credentials`)
  throw error
}

// RFC 6749, section 2.3.1: both are encoded as in forms before they are joined.
function basicOf(id: string, secret: string): string {
  const encoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)
  return `Basic ${Buffer.from(`${encoded(id)}:${encoded(secret)}`).toString('base64')}`
}
