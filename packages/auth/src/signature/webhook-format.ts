import type { Exchange } from '@gatewright/core'
import type { WebhookSchemeConfig } from '../config/config.js'
import { fieldValue } from './signature-base.js'

/** What a webhook says of its signature. */
export interface WebhookSignature {
  /** What is signed before the body. */
  readonly before: string
  /** Signatures of which one must be right. */
  readonly signatures: readonly Buffer[]
  /** In seconds since the epoch; `null` where it has no time. */
  readonly time: number | null
}

/** Reads the signature of a webhook; `null` for none, a text for what is wrong with it. */
export type WebhookReader = (exchange: Exchange) => WebhookSignature | string | null

const MALFORMED = 'the signature is malformed'
const HEX = /^[0-9a-fA-F]{64}$/
const BASE64 = /^[A-Za-z0-9+/]{43}=$/

/** Makes the reader of a format. */
export function readerOf(format: WebhookSchemeConfig['format']): WebhookReader {
  if (format === 'github') return ownFormat({ header: 'x-hub-signature-256', prefix: 'sha256=' })
  if (format === 'stripe') return stripe
  if (format === 'slack') return slack
  return format === 'standard' ? standard : ownFormat(format)
}

/** The bytes of a secret, as its sender shows it. */
export function secretOf(text: string, format: WebhookSchemeConfig['format']): Buffer {
  return format === 'standard'
    ? Buffer.from(text.replace(/^whsec_/, ''), 'base64')
    : Buffer.from(text, 'utf8')
}

function ownFormat({
  header,
  encoding = 'hex',
  prefix = ''
}: Exclude<WebhookSchemeConfig['format'], string>): WebhookReader {
  const name = header.toLowerCase()
  const form = encoding === 'hex' ? HEX : BASE64
  return (exchange) => {
    const value = fieldValue(exchange, name)
    if (value === null) return null
    const text = value.slice(prefix.length)
    if (!value.startsWith(prefix) || !form.test(text)) return MALFORMED
    return { before: '', signatures: [Buffer.from(text, encoding)], time: null }
  }
}

const stripe: WebhookReader = (exchange) => {
  const value = fieldValue(exchange, 'stripe-signature')
  if (value === null) return null
  const pairs = value.split(',').map((pair) => pair.trim().split('='))
  const times = pairs.flatMap(([name, time = '']) => (name === 't' ? [time] : []))
  const [time = ''] = times
  if (times.length !== 1 || !isTime(time)) return MALFORMED
  const signatures = pairs.flatMap(([name, text = '']) =>
    name === 'v1' && HEX.test(text) ? [Buffer.from(text, 'hex')] : []
  )
  return signatures.length === 0 ? MALFORMED : { before: `${time}.`, signatures, time: Number(time) }
}

const slack: WebhookReader = (exchange) => {
  const value = fieldValue(exchange, 'x-slack-signature')
  if (value === null) return null
  const time = fieldValue(exchange, 'x-slack-request-timestamp') ?? ''
  const text = value.slice(3)
  if (!value.startsWith('v0=') || !HEX.test(text) || !isTime(time)) return MALFORMED
  return { before: `v0:${time}:`, signatures: [Buffer.from(text, 'hex')], time: Number(time) }
}

const standard: WebhookReader = (exchange) => {
  const value = fieldValue(exchange, 'webhook-signature')
  if (value === null) return null
  const id = fieldValue(exchange, 'webhook-id') ?? ''
  const time = fieldValue(exchange, 'webhook-timestamp') ?? ''
  if (!/^[!-~]{1,256}$/.test(id) || id.includes('.') || !isTime(time)) return MALFORMED
  const signatures = value
    .split(' ')
    .flatMap((one) =>
      one.startsWith('v1,') && BASE64.test(one.slice(3)) ? [Buffer.from(one.slice(3), 'base64')] : []
    )
  return signatures.length === 0 ? MALFORMED : { before: `${id}.${time}.`, signatures, time: Number(time) }
}

function isTime(text: string): boolean {
  return /^\d{1,12}$/.test(text)
}
