import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./lambda-runtime-program.js', import.meta.url))

/** What the runtime sent for an invocation. */
interface Invocation {
  /** Headers of the runtime's own request. */
  readonly headers: IncomingMessage['headers']
  /** The parts of the body, in the order in which they came. */
  readonly parts: readonly Buffer[]
  readonly trailers: IncomingMessage['trailers']
}

/** A function in a process of its own, called by Lambda's runtime API. */
export interface LambdaFunction {
  /** Invokes it. `onPart` is told of every part of the response as it comes. */
  invoke(event: object, onPart?: (part: Buffer) => void): Promise<Invocation>
  /** What it has printed. */
  readonly output: string
}

/** Starts a module's `handler` as Lambda does. Ended with the test. */
export async function startLambda(
  t: TestContext,
  module: string,
  env: NodeJS.ProcessEnv = {}
): Promise<LambdaFunction> {
  let output = ''
  let number = 0
  let waiting: ServerResponse | null = null
  let asked = (): void => {}
  const answers = new Map<string, (request: IncomingMessage) => void>()
  const api = createServer((request, response) => {
    const [, id = '', kind = ''] = /\/invocation\/([^/]+)(?:\/(\w+))?$/.exec(request.url ?? '') ?? []
    if (id === 'next') {
      waiting = response
      return asked()
    }
    answers.get(id)?.(request)
    request.once('end', () => response.writeHead(202, { 'x-kind': kind }).end())
  }).listen(0, '127.0.0.1')
  await once(api, 'listening')
  const child: ChildProcess = spawn(process.execPath, [program, module], {
    env: {
      ...process.env,
      AWS_LAMBDA_FUNCTION_NAME: 'gateway',
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(api.address() as AddressInfo).port}`,
      ...env
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const exited = once(child, 'exit')
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text) => {
      output += text
    })
  t.after(async () => {
    child.kill('SIGKILL')
    await exited
    api.close()
    api.closeAllConnections()
  })
  return {
    get output() {
      return output
    },
    async invoke(event, onPart) {
      if (waiting === null)
        await Promise.race([
          new Promise<void>((resolve) => {
            asked = resolve
          }),
          exited.then(() => {
            throw new Error(`the function has ended:\n${output}`)
          })
        ])
      const id = `invocation-${++number}`
      const answer = new Promise<IncomingMessage>((resolve) => answers.set(id, resolve))
      const taken = waiting as unknown as ServerResponse
      waiting = null
      taken.setHeader('lambda-runtime-aws-request-id', id)
      taken.end(JSON.stringify(event))
      const request = await answer
      const parts: Buffer[] = []
      for await (const part of request) {
        parts.push(part as Buffer)
        onPart?.(part as Buffer)
      }
      return { headers: request.headers, parts, trailers: request.trailers }
    }
  }
}
