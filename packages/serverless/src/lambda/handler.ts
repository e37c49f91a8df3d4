import { type IncomingMessage, request } from 'node:http'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { InvalidValueError } from '@gatewright/core'
import type { GatewayBuilder } from '@gatewright/gateway'
import { tellLimits } from '../tell-limits.js'
import { requestOf } from './event-request.js'
import type { LambdaEvent, LambdaResult } from './event-types.js'
import { fieldsOf, type ResultFields, resultOf } from './response-result.js'

/** What Lambda tells of an invocation. */
export interface LambdaContext {
  readonly awsRequestId?: string
}

/** A handler that gives the response as a whole. */
export type LambdaHandler = (event: LambdaEvent, context?: LambdaContext) => Promise<LambdaResult>

/** A handler that Lambda's Node runtime calls with a stream for the response. */
export type StreamingLambdaHandler = (
  event: LambdaEvent,
  stream: Writable,
  context?: LambdaContext
) => Promise<void>

/** What Lambda's Node runtime puts into the global scope. */
interface Runtime {
  streamifyResponse(handler: StreamingLambdaHandler): StreamingLambdaHandler
  readonly HttpResponseStream: {
    from(stream: Writable, head: { statusCode: number } & ResultFields): Writable
  }
}

const LOOPBACK = '127.0.0.1'

/**
 * The handler of a function that runs this gateway, for function URLs, HTTP APIs, REST APIs and load balancers. The gateway is
 * started at once, in Lambda's init phase, on a port of 127.0.0.1 that only this process knows: requests take the way that
 * they take elsewhere. `trustedProxies` must have 127.0.0.1, as the client's address comes in X-Forwarded-For. What cannot
 * run on Lambda is warned of in the log.
 *
 * A request whose response breaks off rejects. Throws GW_VALUE_INVALID where 127.0.0.1 is not trusted.
 *
 * @example
 * export const handler = lambdaHandler(createGateway({ trustedProxies: ['127.0.0.1'], … }))
 */
export function lambdaHandler(gateway: GatewayBuilder): LambdaHandler {
  const started = start(gateway)
  return async function handle(event) {
    const response = await ask(await started, event)
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    return resultOf(event, response.statusCode as number, response.rawHeaders, Buffer.concat(chunks))
  }
}

/**
 * The same with a streamed response, piece by piece as it comes: for function URLs with `RESPONSE_STREAM`, and REST APIs with
 * response streaming. Only on Lambda, whose runtime brings `awslambda`.
 */
export function streamingLambdaHandler(gateway: GatewayBuilder): StreamingLambdaHandler {
  const { awslambda } = globalThis as { awslambda?: Runtime }
  if (awslambda === undefined)
    throw new InvalidValueError('streamingLambdaHandler()', "called on Lambda, whose runtime has 'awslambda'")
  const started = start(gateway)
  return awslambda.streamifyResponse(async (event, stream) => {
    const response = await ask(await started, event)
    const head = { statusCode: response.statusCode as number, ...fieldsOf(response.rawHeaders) }
    const out = awslambda.HttpResponseStream.from(stream, head)
    // Lambda sends the head with the first bytes: a response without any would lose it.
    out.write('')
    // Not ended when the response breaks off: the runtime ends it then, with an error.
    await pipeline(response, out, { end: false })
    out.end()
  })
}

async function listening(gateway: GatewayBuilder): Promise<number> {
  const url = await gateway.listen({ port: 0, host: LOOPBACK })
  tellLimits(gateway, { AWS_LAMBDA_FUNCTION_NAME: 'this', ...process.env })
  return Number(new URL(url).port)
}

function start(gateway: GatewayBuilder): Promise<number> {
  if (!(gateway.config.trustedProxies ?? []).includes(LOOPBACK))
    throw new InvalidValueError(
      'lambdaHandler()',
      `given a gateway whose trustedProxies have '${LOOPBACK}': the client's address comes in X-Forwarded-For`
    )
  const port = listening(gateway)
  // Whoever awaits it is told, at the first invocation.
  port.catch(() => {})
  return port
}

// Without kept connections: one that has stood still with its instance may be closed at the other end.
function ask(port: number, event: LambdaEvent): Promise<IncomingMessage> {
  const { method, target, headers, body } = requestOf(event)
  return new Promise((resolve, reject) => {
    const asked = request({
      host: LOOPBACK,
      port,
      method,
      path: target,
      headers: [...headers],
      agent: false,
      setHost: false
    })
    asked.once('response', resolve).once('error', reject)
    asked.end(body ?? undefined)
  })
}
