import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { GatewayError } from './gateway-error.js'

/** The part of an exchange that is read here. */
interface WithBody {
  readonly raw: IncomingMessage
  readonly payload: Readable | null
}

/**
 * Where the body of a request is read from: what a `preParsing` hook has put in its place, or the request itself.
 * Throws `internal_error` if the body has been partly consumed, as the rest must not pass for the whole; and
 * {@link bodyError} when it has failed already.
 */
export function bodySource({ payload, raw }: WithBody): Readable {
  const source = payload ?? raw
  if (payload?.errored) throw bodyError(payload.errored)
  if (source.readableDidRead || source.readableFlowing === true || source.listenerCount('readable') > 0)
    throw new GatewayError('internal_error', {
      detail: 'the body has been read, or is being read, by a hook that gave nothing in its place'
    })
  return source
}

/**
 * Calls one of both when the client has sent the whole request, or has left before: the end of a stream that a hook
 * made of it does not tell.
 */
export function whenReceived(raw: IncomingMessage, whole: () => void, cut: () => void): void {
  if (raw.complete || raw.readableEnded) whole()
  else if (raw.destroyed) cut()
  else {
    const settle = (): void => {
      raw.off('end', settle).off('close', settle)
      if (raw.complete || raw.readableEnded) whole()
      else cut()
    }
    raw.on('end', settle).on('close', settle).on('error', ignore).resume()
  }
}

/**
 * Why a body cannot be read on: `request_rejected` when it is what the client has sent, such as bytes that a hook
 * cannot decompress; otherwise `internal_error`.
 */
export function bodyError(
  cause: Error & { readonly code?: unknown; readonly statusCode?: unknown }
): GatewayError {
  if (cause instanceof GatewayError) return cause
  const { code, statusCode, message } = cause
  const isClients = Number(statusCode) >= 400 && Number(statusCode) < 500
  const isUndecodable = typeof code === 'string' && code.startsWith('Z_')
  return new GatewayError(isClients || isUndecodable ? 'request_rejected' : 'internal_error', {
    detail: `the body cannot be read: ${message}`,
    cause
  })
}

/** A chunk of a body as bytes; `null` for other values, such as those of an object-mode stream. */
export function bytesOf(chunk: unknown): Buffer | null {
  if (Buffer.isBuffer(chunk)) return chunk
  if (typeof chunk === 'string') return Buffer.from(chunk)
  return chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : null
}

/** The error of a stream whose chunks are no bytes. */
export function notBytes(): GatewayError {
  return new GatewayError('internal_error', { detail: 'a preParsing hook returned a stream of objects' })
}

function ignore(): void {}
