import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { probeGrpc } from './probe-grpc.js'
import { probeHttp } from './probe-http.js'
import { addressOf, type ProbeTarget } from './probe-target.js'
import type { ProbeSettings } from './settings.js'
import { type ProbeOutcome, verdictOfCheck } from './verdict.js'

/** Runs one probe. Never rejects; ends at the latest when `signal` aborts. */
export async function probe(
  target: ProbeTarget,
  settings: ProbeSettings,
  signal: AbortSignal
): Promise<ProbeOutcome> {
  try {
    const { check } = settings
    if (check !== null && check !== undefined)
      return verdictOfCheck(await until(signal, check({ url: target.endpoint.url }, signal)))
    if (settings.protocol === 'tcp') return await probeTcp(target, signal)
    if (settings.protocol === 'grpc') return await probeGrpc(target, settings, signal)
    return await probeHttp(target, settings, signal)
  } catch (error) {
    if (signal.aborted) return { result: 'unhealthy', because: `no response within ${settings.timeoutMs} ms` }
    const outcome = { result: 'unhealthy', because: causeOf(error) } as const
    return settings.check === null || settings.check === undefined ? outcome : { ...outcome, threw: error }
  }
}

// A check may throw any value, even one that cannot be converted to text.
function causeOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  if (typeof code === 'string') return code
  if (typeof message === 'string') return message
  return typeof error === 'string' ? error : 'a value that is not an Error was thrown'
}

// A check may ignore the signal.
function until<T>(signal: AbortSignal, work: T | Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
    })
  ])
}

function probeTcp({ url, tls }: ProbeTarget, signal: AbortSignal): Promise<ProbeOutcome> {
  const secure = url.protocol === 'https:'
  const target = { host: addressOf(url), port: Number(url.port) || (secure ? 443 : 80) }
  return new Promise((resolve, reject) => {
    const socket = secure ? connectTls({ ...tls, ...target }) : connect(target)
    const abort = (): void => void socket.destroy(new Error('aborted'))
    signal.addEventListener('abort', abort, { once: true })
    socket.on('error', reject)
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', abort)
      socket.destroy()
      resolve({ result: 'healthy', because: 'connected' })
    })
  })
}
