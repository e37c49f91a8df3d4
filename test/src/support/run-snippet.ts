import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Listening } from './any-port.js'

/** A request to a running snippet, and what must come back. */
interface Expectation {
  readonly method: string
  /** The port the snippet names; `undefined` for the first one it listens on. */
  readonly port: number | undefined
  readonly path: string
  readonly status: number
  /** Must be part of the body. */
  readonly text: string
}

/** How a snippet is run. */
export interface SnippetRun {
  /** Ports on which an upstream is pretended that answers every request with 200. */
  readonly upstreams: readonly number[]
  /** With none, the program must end by itself. */
  readonly expectations: readonly Expectation[]
}

const DEADLINE_MS = 20_000

/** Reads the notes below a block: `upstream: 3000` and `expect: GET :8080/users 200 text`; the port may be left out. */
export function readNotes(notes: readonly string[]): SnippetRun {
  const upstreams: number[] = []
  const expectations: Expectation[] = []
  for (const note of notes) {
    const upstream = /^upstream: (\d+)$/.exec(note)?.[1]
    const [, method = '', port, path = '', status, text = ''] =
      /^expect: ([A-Z]+) (?::(\d+))?(\/\S*) (\d{3})(?: (.+))?$/.exec(note) ?? []
    if (upstream !== undefined) upstreams.push(Number(upstream))
    else if (method !== '')
      expectations.push({
        ...{ method, path, text, status: Number(status) },
        port: port === undefined ? undefined : Number(port)
      })
    else if (/^(?:upstream|expect)\b/.test(note)) throw new Error(`cannot read '${note}'`)
  }
  return { upstreams, expectations }
}

/** Runs a compiled snippet. Rejects, with what it printed, when it fails or an expectation does not hold. */
export async function runSnippet(program: string, { upstreams, expectations }: SnippetRun): Promise<void> {
  const servers = await Promise.all(upstreams.map(pretendUpstream))
  const moved = servers.map((server, index) => [upstreams[index], (server.address() as AddressInfo).port])
  const child = fork(program, {
    execArgv: ['--import', new URL('any-port.js', import.meta.url).href],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, GATEWRIGHT_MOVED_PORTS: JSON.stringify(moved) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc']
  })
  const running = watch(child)
  try {
    if (expectations.length === 0) {
      const code = await running.ended
      if (code !== 0) throw new Error(`it ended with ${code}`)
    } else {
      for (const expectation of expectations) await meet(expectation, running)
      child.kill('SIGTERM')
      await running.ended
    }
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${running.output()}`)
  } finally {
    child.kill('SIGKILL')
    for (const server of servers) server.close().closeAllConnections()
  }
}

interface Running {
  /** Its exit code, or the name of the signal that ended it. Rejects after the deadline. */
  readonly ended: Promise<number | string>
  output(): string
  /** The real port for one that the snippet names, once it listens there. */
  portOf(asked: number | undefined): Promise<number>
}

function watch(child: ChildProcess): Running {
  let output = ''
  const ports: Listening[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  child.on('message', (message: Listening) => ports.push(message))
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const ended = once(child, 'exit', { signal }).then(
    ([code, name]) => code ?? name,
    () => Promise.reject(new Error(`it was not done after ${DEADLINE_MS / 1000} s`))
  )
  ended.catch(() => child.kill('SIGKILL'))
  const gone = ended.then((code) => Promise.reject(new Error(`it ended with ${code} before it listened`)))
  gone.catch(() => {})
  return {
    ended,
    output: () => output,
    async portOf(asked) {
      for (;;) {
        const found = ports.find((server) => asked === undefined || server.asked === asked)
        if (found !== undefined) return found.port
        await Promise.race([once(child, 'message'), gone])
      }
    }
  }
}

/** How long what follows behind `listen` in a snippet may take. */
const AFTERWARDS_MS = 2_000

// What stands behind `listen` in a snippet may still run when it listens.
async function meet(expectation: Expectation, running: Running): Promise<void> {
  const url = `http://127.0.0.1:${await running.portOf(expectation.port)}${expectation.path}`
  const end = Date.now() + AFTERWARDS_MS
  for (;;) {
    const problem = await problemOf(expectation, url)
    if (problem === null) return
    if (Date.now() > end) throw new Error(problem)
    await setTimeout(20)
  }
}

async function problemOf({ method, path, status, text }: Expectation, url: string): Promise<string | null> {
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const response = await fetch(url, { method, redirect: 'manual', signal })
  const body = await response.text()
  if (response.status !== status) return `${method} ${path}: ${response.status} ${body}`
  return body.includes(text) ? null : `${method} ${path}: '${text}' is not in ${body}`
}

async function pretendUpstream() {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ path: request.url }))
  })
  server.listen(0)
  await once(server, 'listening')
  return server
}
