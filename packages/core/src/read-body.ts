import type { IncomingMessage } from 'node:http'
import { GatewayError } from './gateway-error.js'

/** Reads a request body whole. Rejects with `body_too_large` beyond `maxBytes`, `client_closed` when it ends early. */
export function readBody(raw: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (raw.readableEnded)
    return Promise.reject(new GatewayError('internal_error', { detail: 'the body has been read' }))
  if (raw.destroyed) return Promise.reject(new GatewayError('client_closed'))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const settle = (error: GatewayError | null): void => {
      raw.off('data', onData).off('end', onEnd).off('close', onGone)
      if (error === null) resolve(Buffer.concat(chunks, bytes))
      else reject(error)
    }
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes > maxBytes) {
        raw.pause()
        settle(new GatewayError('body_too_large', { detail: `more than ${maxBytes} bytes` }))
      }
    }
    const onEnd = (): void => settle(null)
    const onGone = (): void => settle(new GatewayError('client_closed'))
    raw.on('data', onData).on('end', onEnd).on('close', onGone)
    raw.on('error', onGone)
  })
}
