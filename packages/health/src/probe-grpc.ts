import { connect, type SecureClientSessionOptions } from 'node:http2'
import type { ProbeTarget } from './probe-target.js'
import type { ProbeSettings } from './settings.js'
import type { ProbeOutcome } from './verdict.js'

const PATH = '/grpc.health.v1.Health/Check'
const SERVING = 1
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

/** Calls the gRPC health service (grpc.health.v1) over HTTP/2 with prior knowledge. */
export function probeGrpc(
  { url, host, tls }: ProbeTarget,
  { service, headers }: ProbeSettings,
  signal: AbortSignal
): Promise<ProbeOutcome> {
  return new Promise((resolve, reject) => {
    const session = connect(url.origin, url.protocol === 'https:' ? (tls as SecureClientSessionOptions) : {})
    const abort = (): void => session.destroy(new Error('aborted'))
    signal.addEventListener('abort', abort, { once: true })
    session.on('error', reject)
    session.on('close', () => signal.removeEventListener('abort', abort))
    const call = session.request({
      ':authority': host,
      ...headers,
      ':method': 'POST',
      ':path': PATH,
      'content-type': 'application/grpc',
      te: 'trailers'
    })
    const chunks: Buffer[] = []
    let grpcStatus = ''
    const noteStatus = (fields: Record<string, unknown>): void => {
      if (fields['grpc-status'] !== undefined) grpcStatus = String(fields['grpc-status'])
    }
    call.on('response', noteStatus).on('trailers', noteStatus).on('error', reject)
    call.on('data', (chunk: Buffer) => chunks.push(chunk))
    call.on('end', () => {
      session.destroy()
      resolve(judge(grpcStatus, Buffer.concat(chunks)))
    })
    call.end(frame(checkRequest(service)))
  })
}

function judge(grpcStatus: string, body: Buffer): ProbeOutcome {
  if (grpcStatus !== '0') return { result: 'unhealthy', because: `grpc-status ${grpcStatus || 'missing'}` }
  const status = servingStatus(body.subarray(5))
  return {
    result: status === SERVING ? 'healthy' : 'unhealthy',
    because: STATUSES[status] ?? `serving status ${status}`
  }
}

// A length-prefixed gRPC message, uncompressed.
function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

// HealthCheckRequest { string service = 1 }; names are shorter than 128 bytes.
function checkRequest(service: string): Buffer {
  const name = Buffer.from(service)
  return name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, name.length]), name])
}

// HealthCheckResponse { ServingStatus status = 1 }; an absent field is 0.
function servingStatus(message: Buffer): number {
  return message[0] === 0x08 ? (message[1] as number) : 0
}
