import { createHash, randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { chance, pick } from './chance.mjs'

const MIB = 1024 ** 2
/** Statuses that say in their own words that something failed, as the gateway may while upstreams do. */
const TOLD = new Set([502, 503, 504])

/** How often each kind of request is made. */
const kinds = [
  [560, 'read'],
  [100, 'session'],
  [100, 'found'],
  [90, 'upload'],
  [30, 'limited'],
  [20, 'new connection'],
  [10, 'not found'],
  [10, 'download'],
  [5, 'events'],
  [30, 'leaves early'],
  [15, 'leaves while uploading'],
  [10, 'leaves while downloading'],
  [10, 'drips'],
  [10, 'speaks nonsense']
]

/**
 * Mixed traffic to `port`. `begin()` makes one request; `counts` has how they ended by kind:
 * `ok`; `told`: an answer that names a failure; `cut`: no whole answer, where a whole one was wanted;
 * `wrong`: an answer with another body or status than could be. `take()` gives them and begins anew.
 */
export class Traffic {
  #port
  #random
  #agent = new Agent({ keepAlive: true, maxSockets: 256 })
  #counts = new Map()
  #latencies = []
  #examples = []
  #running = 0

  constructor({ port, seed }) {
    this.#port = port
    this.#random = chance(seed)
  }

  get running() {
    return this.#running
  }

  begin() {
    const kind = pick(this.#random, kinds)
    this.#running++
    const started = performance.now()
    const end = (result, detail) => {
      if (!Object.hasOwn(this.#count(kind), result)) throw new Error(`no result '${result}'`)
      this.#count(kind)[result]++
      this.#running--
      if (result === 'wrong' && this.#examples.length < 20) this.#examples.push(`${kind}: ${detail}`)
      if (kind === 'read' && result === 'ok') this.#latencies.push(performance.now() - started)
    }
    this.#make(kind, once(end))
  }

  take() {
    const latencies = this.#latencies.sort((a, b) => a - b)
    const taken = {
      kinds: Object.fromEntries(this.#counts),
      readP50Ms: latencies[Math.floor(latencies.length / 2)] ?? 0,
      readP99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
      examples: this.#examples
    }
    this.#counts = new Map()
    this.#latencies = []
    this.#examples = []
    return taken
  }

  close() {
    this.#agent.destroy()
  }

  #count(kind) {
    if (!this.#counts.has(kind)) this.#counts.set(kind, { ok: 0, told: 0, cut: 0, wrong: 0 })
    return this.#counts.get(kind)
  }

  #make(kind, end) {
    const id = Math.floor(this.#random() * 1e9)
    switch (kind) {
      case 'read':
        return this.#read(`/api/${id}`, `/api/${id}`, end)
      case 'session':
        return this.#read(`/session/${id}`, `/${id}`, end)
      case 'found':
        return this.#read(`/found/${id}`, `/${id}`, end)
      case 'limited':
        return this.#read('/limited/x', '/slow', end)
      case 'new connection':
        return this.#read(`/api/${id}`, `/api/${id}`, end, { agent: false, headers: { connection: 'close' } })
      case 'not found':
        return this.#ask(`/nowhere/${id}`, {}, end, (status) => (status === 404 ? 'ok' : 'wrong'))
      case 'upload':
        return this.#upload(end)
      case 'download':
        return this.#ask('/bytes', {}, end, (_, body) => (body.length === 4 * MIB ? 'ok' : 'wrong'))
      case 'events':
        return this.#leave('/events', {}, 2_000 + this.#random() * 6_000, end)
      case 'leaves early':
        return this.#leave(`/slow/${id}`, {}, this.#random() * 150, end)
      case 'leaves while uploading':
        return this.#leave('/upload', { method: 'POST', headers: { 'content-length': MIB } }, 50, end, 10_000)
      case 'leaves while downloading':
        return this.#leave('/bytes', {}, 5, end)
      case 'drips':
        return this.#drip(end)
      default:
        return this.#nonsense(end)
    }
  }

  #read(path, upstreamPath, end, options = {}) {
    this.#ask(path, options, end, (status, body) =>
      status === 200 && JSON.parse(body).url === upstreamPath ? 'ok' : 'wrong'
    )
  }

  #upload(end) {
    const body = randomBytes(Math.floor(this.#random() * 65_536))
    const hash = createHash('sha256').update(body).digest('hex')
    const headers = { 'content-length': body.length }
    this.#ask(
      '/upload',
      { method: 'POST', headers },
      end,
      (_, answer) => (answer.toString() === hash ? 'ok' : 'wrong'),
      body
    )
  }

  /** Asks for a whole answer and judges it. */
  #ask(path, options, end, judge, body) {
    const asked = request({ agent: this.#agent, ...options, port: this.#port, host: '127.0.0.1', path })
    asked.on('error', (error) => end('cut', error.message))
    asked.on('response', (response) => {
      const pieces = []
      response.on('data', (piece) => pieces.push(piece))
      response.on('error', () => end('cut'))
      response.on('end', () => {
        const whole = Buffer.concat(pieces)
        const { statusCode } = response
        if (TOLD.has(statusCode)) return end('told')
        const verdict = judge(statusCode, whole)
        end(verdict, `${statusCode} ${whole.subarray(0, 200)}`)
      })
    })
    asked.end(body)
  }

  /** Begins a request and leaves after so many milliseconds of its answer or of its sending. */
  #leave(path, options, afterMs, end, bytes = 0) {
    const asked = request({ ...options, agent: false, port: this.#port, host: '127.0.0.1', path })
    asked.on('error', () => end('ok'))
    asked.on('close', () => end('ok'))
    asked.on('response', (response) => response.on('error', () => {}).resume())
    if (bytes > 0) asked.write(Buffer.alloc(bytes))
    else asked.end()
    setTimeout(() => asked.destroy(), afterMs)
  }

  /** Sends an upload of ten bytes in two seconds. */
  #drip(end) {
    const hash = createHash('sha256').update('.'.repeat(10)).digest('hex')
    const asked = request({
      agent: false,
      port: this.#port,
      host: '127.0.0.1',
      path: '/upload',
      method: 'POST',
      headers: { 'transfer-encoding': 'chunked' }
    })
    asked.on('error', () => end('cut'))
    asked.on('response', (response) => {
      let answer = ''
      response.setEncoding('latin1')
      response.on('data', (piece) => {
        answer += piece
      })
      response.on('error', () => end('cut'))
      response.on('end', () => {
        if (TOLD.has(response.statusCode)) end('told')
        else end(answer === hash ? 'ok' : 'wrong', `${response.statusCode} ${answer}`)
      })
    })
    let left = 10
    const timer = setInterval(() => {
      if (asked.destroyed || left === 0) return clearInterval(timer)
      asked.write('.')
      if (--left === 0) asked.end()
    }, 200)
  }

  #nonsense(end) {
    const socket = connect(this.#port, '127.0.0.1')
    let answer = ''
    socket.on('error', () => end('ok'))
    socket.on('data', (piece) => {
      answer += piece
    })
    socket.on('close', () => end(/^(HTTP\/1\.1 400 |$)/.test(answer) ? 'ok' : 'wrong', answer.slice(0, 100)))
    socket.write(`GET /api/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`)
    setTimeout(() => socket.destroy(), 5_000)
  }
}

/** Only the first call counts. */
function once(call) {
  let called = false
  return (...args) => {
    if (called) return
    called = true
    call(...args)
  }
}
