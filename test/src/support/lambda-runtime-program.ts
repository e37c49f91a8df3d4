// What Lambda's Node runtime does with a handler, by its runtime API: `node lambda-runtime-program.js MODULE`, with
// AWS_LAMBDA_RUNTIME_API in the environment. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import { once } from 'node:events'
import { type ClientRequest, request } from 'node:http'
import { pathToFileURL } from 'node:url'

type Streaming = (event: unknown, stream: ClientRequest, context: object) => Promise<void>
type Buffered = (event: unknown, context: object) => Promise<unknown>

const kStreaming = Symbol('streaming')
const [host = '', port = ''] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':')
const runtime = '/2018-06-01/runtime'

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: Streaming) => Object.assign(handler, { [kStreaming]: true }),
    HttpResponseStream: {
      // The head goes before the first bytes, divided from them by eight zeros.
      from(stream: ClientRequest, head: object) {
        stream.setHeader('content-type', 'application/vnd.awslambda.http-integration-response')
        const write = stream.write.bind(stream) as (...args: unknown[]) => boolean
        stream.write = ((...args: unknown[]) => {
          stream.write = write as ClientRequest['write']
          write(JSON.stringify(head))
          write(Buffer.alloc(8))
          return write(...args)
        }) as ClientRequest['write']
        return stream
      }
    }
  }
})

const { handler } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as {
  handler: (Streaming | Buffered) & { [kStreaming]?: true }
}
for (;;) {
  const { id, event } = await next()
  const context = { awsRequestId: id }
  if (handler[kStreaming] === true) await streamed(id, event, context)
  else await posted(`invocation/${id}/response`, await (handler as Buffered)(event, context))
}

async function next(): Promise<{ readonly id: string; readonly event: unknown }> {
  const asked = request({ host, port, path: `${runtime}/invocation/next` })
  asked.end()
  const [response] = await once(asked, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  return { id: String(response.headers['lambda-runtime-aws-request-id']), event: JSON.parse(text) }
}

async function streamed(id: string, event: unknown, context: object): Promise<void> {
  const out = request({
    host,
    port,
    method: 'POST',
    path: `${runtime}/invocation/${id}/response`,
    headers: {
      'lambda-runtime-function-response-mode': 'streaming',
      'transfer-encoding': 'chunked',
      trailer: 'lambda-runtime-function-error-type'
    }
  })
  const answered = once(out, 'response').catch(() => [])
  try {
    await (handler as Streaming)(event, out, context)
    out.end()
  } catch (error) {
    if (out.destroyed) return posted(`invocation/${id}/error`, { errorMessage: String(error) })
    out.addTrailers({ 'lambda-runtime-function-error-type': 'Error' })
    out.end()
  }
  const [response] = await answered
  response?.resume()
}

async function posted(path: string, body: unknown): Promise<void> {
  const sent = request({ host, port, method: 'POST', path: `${runtime}/${path}` })
  sent.end(JSON.stringify(body))
  const [response] = await once(sent, 'response')
  response.resume()
}
