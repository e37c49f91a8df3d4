import { Agent, request } from 'node:http'
import { connect } from 'node:net'

const VERSIONS = ['x-hook', 'x-policy', 'x-route', 'x-pool', 'x-upstream']

/** Requests that are counted by what came of them. */
export class Clients {
  ok = 0
  left = 0
  wrong = []
  versions = new Set()
  #url
  #agent

  constructor(url, count) {
    this.#url = url
    this.#agent = new Agent({ keepAlive: true, maxSockets: count })
  }

  /** Sends so many, never more than `count` at a time; resolves when all have ended. */
  async send(requests, count) {
    let left = requests
    const one = async () => {
      while (left-- > 0) await this.#one(left)
    }
    await Promise.all(Array.from({ length: count }, one))
  }

  /** A response to `path`: status and body. */
  get(path) {
    return new Promise((resolve, reject) => {
      const asked = request(this.#url + path, { agent: this.#agent }, (response) => {
        let body = ''
        response.setEncoding('latin1')
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }))
        response.on('error', reject)
      })
      asked.on('error', reject)
      asked.end()
    })
  }

  close() {
    this.#agent.destroy()
  }

  async #one(number) {
    if (number % 50 === 7) return this.#pipelined(number)
    if (number % 100 === 3) return this.#leaves(number)
    const path = `/main/${number}`
    try {
      const { status, headers, body } = await this.get(path)
      this.#judge(status, headers, body, path)
    } catch (error) {
      this.#isWrong(`${path}: ${error.message}`)
    }
  }

  #judge(status, headers, body, path) {
    const versions = VERSIONS.map((name) => headers[name])
    if (status !== 200 || body !== path) this.#isWrong(`${path}: ${status} ${body}`)
    else if (versions.some((version) => version !== versions[0])) this.#isWrong(`${path}: mixed ${versions}`)
    else {
      this.ok++
      this.versions.add(versions[0])
    }
  }

  #isWrong(what) {
    if (this.wrong.length < 20) this.wrong.push(what)
    else this.wrong[20] = `and more`
  }

  // A client that goes away in the middle of a request, or just after it.
  #leaves(number) {
    return new Promise((resolve) => {
      const socket = connect(Number(new URL(this.#url).port), '127.0.0.1')
      socket.on('error', () => {})
      socket.on('close', () => resolve(this.left++))
      socket.write(`GET /main/${number} HTTP/1.1\r\nHost: a\r\n${number % 200 === 3 ? '\r\n' : ''}`, () => {
        if (number % 400 === 3) setImmediate(() => socket.resetAndDestroy())
        else socket.destroy()
      })
    })
  }

  // Two requests in three packets, the second one cut in its middle: each has one version of its own.
  #pipelined(number) {
    return new Promise((resolve) => {
      const head = (part) => `GET /main/${number}-${part} HTTP/1.1\r\nHost: a\r\n`
      const socket = connect(Number(new URL(this.#url).port), '127.0.0.1')
      let text = ''
      socket.setEncoding('latin1')
      socket.on('data', (chunk) => {
        text += chunk
      })
      socket.on('error', (error) => this.#isWrong(`pipelined: ${error.message}`))
      socket.on('close', () => {
        const parts = text.split(/(?=HTTP\/1\.1 )/)
        if (parts.length !== 2) this.#isWrong(`pipelined: ${parts.length} responses: ${text.slice(0, 200)}`)
        for (const [index, part] of parts.entries()) this.#judgeText(part, `/main/${number}-${index + 1}`)
        resolve()
      })
      socket.write(`${head(1)}\r\n${head(2)}`)
      setTimeout(() => socket.write('Connection: close\r\n\r\n'), 5 + (number % 60))
    })
  }

  #judgeText(text, path) {
    const [head = '', ...rest] = text.split('\r\n\r\n')
    const [line = '', ...fields] = head.split('\r\n')
    const headers = Object.fromEntries(fields.map((field) => field.toLowerCase().split(': ')))
    const body = headers['transfer-encoding'] === 'chunked' ? rest.join('').split('\r\n')[1] : rest.join('')
    this.#judge(Number(line.split(' ')[1]), headers, body, path)
  }
}
