import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { bodyError, bytesOf, notBytes, whenReceived } from './body-source.js'
import { GatewayError } from './gateway-error.js'

/**
 * Reads a request body whole, from the request itself or from what a hook has made of it. Rejects with
 * `body_too_large` beyond `maxBytes`, `client_closed` when it ends early, and with {@link bodyError}'s reasons.
 */
export function readBody(
  raw: IncomingMessage,
  maxBytes: number,
  source: Readable = raw,
  received: (bytes: number) => void = () => {}
): Promise<Buffer> {
  if (source.readableEnded)
    return Promise.reject(new GatewayError('internal_error', { detail: 'the body has been read' }))
  if (source.destroyed || (raw.destroyed && !raw.complete))
    return Promise.reject(new GatewayError('client_closed'))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const settle = (error: GatewayError | null): void => {
      source.off('data', onData).off('end', onEnd).off('close', onGone)
      raw.off('close', onCut)
      if (error === null) resolve(Buffer.concat(chunks, bytes))
      else reject(error)
    }
    const onData = (data: unknown): void => {
      const chunk = bytesOf(data)
      if (chunk === null) {
        settle(notBytes())
        return
      }
      bytes += chunk.length
      received(bytes)
      chunks.push(chunk)
      if (bytes > maxBytes) {
        source.pause()
        settle(new GatewayError('body_too_large', { detail: `more than ${maxBytes} bytes` }))
      }
    }
    const onEnd = (): void => {
      source.off('close', onGone)
      if (source === raw) settle(null)
      else whenReceived(raw, () => settle(null), onGone)
    }
    const onGone = (): void => settle(new GatewayError('client_closed'))
    // What a hook pipes the request into does not end with it.
    const onCut = (): void => {
      if (!raw.complete) onGone()
    }
    source.on('data', onData).on('end', onEnd).on('close', onGone).resume()
    if (source !== raw) raw.on('close', onCut)
    source.on('error', (error) =>
      settle(source === raw ? new GatewayError('client_closed') : bodyError(error))
    )
  })
}
