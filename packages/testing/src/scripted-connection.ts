import { Readable } from 'node:stream'
import type { Cancel, ResponseReceiver, Timers, UpstreamConnection, UpstreamRequest } from '@gatewright/core'

/** How a scripted upstream breaks. */
export type ScriptedFault = 'refuse' | 'reset' | 'reset-mid-body' | 'black-hole'

/** What a scripted upstream answers. */
export interface ScriptedResponse {
  /** From 200 to 599. Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Default empty. */
  readonly body?: string
}

/** A request as a scripted upstream saw it. */
export interface ScriptedRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** By lower-case name; of a field sent twice the last one. */
  readonly headers: Readonly<Record<string, string>>
  /** Complete once the request is; `''` for none. */
  readonly body: string
}

/** What happens to one request. */
export interface ScriptedStep {
  readonly fault: ScriptedFault | null
  readonly answer: ScriptedResponse
  readonly delayMs: number
}

/** Gives a scripted connection its steps, and records what it receives. */
export interface ScriptedSteps {
  next(): ScriptedStep
  saw(request: ScriptedRequest): void
}

/** A connection without a socket, that follows a script. */
export class ScriptedConnection implements UpstreamConnection {
  readonly #timers: Timers
  readonly #script: ScriptedSteps
  #receiver: ResponseReceiver | null = null
  #stop: Cancel | null = null
  /** Data to deliver when the receiver resumes. */
  #rest: (() => void) | null = null

  constructor(timers: Timers, script: ScriptedSteps) {
    this.#timers = timers
    this.#script = script
  }

  begin(request: UpstreamRequest, receiver: ResponseReceiver): void {
    const step = this.#script.next()
    if (step.fault === 'refuse') {
      this.#timers.after(0, () => receiver.failed(failure('ECONNREFUSED')))
      return
    }
    this.#receiver = receiver
    receiver.sending()
    const record = { ...seenOf(request), body: '' }
    this.#script.saw(record)
    readBody(request.body).then(
      (body) => {
        record.body = body
        if (this.#receiver !== receiver || step.fault === 'black-hole') return
        this.#stop = this.#timers.after(step.delayMs, () => {
          if (step.fault === 'reset') this.#fail(failure('ECONNRESET'))
          else this.#answer(receiver, step)
        })
      },
      () => {
        if (this.#receiver === receiver) this.#fail(failure('ECONNRESET'))
      }
    )
  }

  resume(): void {
    const rest = this.#rest
    this.#rest = null
    rest?.()
  }

  abort(): void {
    this.#fail(failure('UND_ERR_ABORTED'))
  }

  async destroy(): Promise<void> {
    this.abort()
  }

  #answer(receiver: ResponseReceiver, { fault, answer }: ScriptedStep): void {
    const { status = 200, headers = {}, body = '' } = answer
    const cut = fault === 'reset-mid-body'
    const whole = Buffer.from(cut ? 'half of this' : body)
    const head = { ...headers, 'content-length': String(cut ? 2 * whole.length : whole.length) }
    const rest = (): void => {
      if (cut) this.#fail(failure('ECONNRESET'))
      else this.#leave()?.end([], true)
    }
    try {
      receiver.began()
      receiver.head(status, rawHead(head), '')
      if (this.#receiver !== receiver) return
      if (whole.length === 0 || receiver.data(whole)) rest()
      else this.#rest = rest
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #fail(error: Error): void {
    this.#leave()?.failed(error)
  }

  #leave(): ResponseReceiver | null {
    const receiver = this.#receiver
    this.#stop?.()
    this.#receiver = this.#stop = this.#rest = null
    return receiver
  }
}

function seenOf({ method, path, headers }: UpstreamRequest): Omit<ScriptedRequest, 'body'> {
  const fields: Record<string, string> = {}
  for (let index = 0; index + 1 < headers.length; index += 2)
    fields[(headers[index] as string).toLowerCase()] = headers[index + 1] as string
  return { method, path, headers: fields }
}

async function readBody(body: UpstreamRequest['body']): Promise<string> {
  if (body === null) return ''
  if (!(body instanceof Readable)) return body.toString()
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(Buffer.from(chunk as Buffer))
  return Buffer.concat(chunks).toString()
}

function rawHead(headers: Readonly<Record<string, string>>): Buffer[] {
  return Object.entries(headers)
    .flat()
    .map((text) => Buffer.from(text, 'latin1'))
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code })
}
