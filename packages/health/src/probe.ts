import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ProbeResult } from '@gatewright/core'
import { probeGrpc } from './probe-grpc.js'
import { probeHttp } from './probe-http.js'
import { addressOf, type ProbeTarget } from './probe-target.js'
import type { ProbeSettings } from './settings.js'

/** What came of a probe. */
export interface ProbeOutcome {
  readonly result: ProbeResult
  /** For people. */
  readonly because: string
}

/** Probes once. Never rejects; `signal` ends it at the latest. */
export async function probe(
  target: ProbeTarget,
  settings: ProbeSettings,
  signal: AbortSignal
): Promise<ProbeOutcome> {
  try {
    const { check } = settings
    if (check !== null && check !== undefined) {
      const result = await until(signal, check({ url: target.endpoint.url }, signal))
      return { result, because: `the check said ${result}` }
    }
    if (settings.protocol === 'tcp') return await probeTcp(target, signal)
    if (settings.protocol === 'grpc') return await probeGrpc(target, settings, signal)
    return await probeHttp(target, settings, signal)
  } catch (error) {
    if (signal.aborted) return { result: 'unhealthy', because: `no answer within ${settings.timeoutMs} ms` }
    const { code, message } = error as NodeJS.ErrnoException
    return { result: 'unhealthy', because: code ?? message ?? String(error) }
  }
}

// A checker need not listen to the signal.
function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
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
