import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { ProbeTarget } from './probe-target.js'
import { isWithin, type ProbeSettings } from './settings.js'
import { type ProbeOutcome, verdictOfBody } from './verdict.js'

const MOST_BYTES = 64 * 1024

/** Sends a request on a new connection and checks status and body. */
export function probeHttp(
  { url, host, tls }: ProbeTarget,
  settings: ProbeSettings,
  signal: AbortSignal
): Promise<ProbeOutcome> {
  const { method, headers, expectsBody } = settings
  const secure = url.protocol === 'https:'
  return new Promise((resolve, reject) => {
    const request = (secure ? requestHttps : requestHttp)(url, {
      ...(secure ? tls : {}),
      method,
      headers: { host, 'user-agent': 'gatewright-health', connection: 'close', ...headers },
      agent: false,
      signal
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const status = response.statusCode as number
      const outcome = judgeStatus(status, settings)
      if (expectsBody === null || outcome.result === 'unhealthy') {
        response.destroy()
        resolve(outcome)
        return
      }
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        if (body.length < MOST_BYTES) body += text
      })
      response.on('error', reject)
      response.on('end', () => {
        try {
          resolve(verdictOfBody(expectsBody(body.slice(0, MOST_BYTES)), outcome))
        } catch (error) {
          reject(error)
        }
      })
    })
    request.end()
  })
}

function judgeStatus(status: number, { healthy, degraded }: ProbeSettings): ProbeOutcome {
  const because = `status ${status}`
  if (isWithin(status, degraded)) return { result: 'degraded', because }
  return { result: isWithin(status, healthy) ? 'healthy' : 'unhealthy', because }
}
