import type { RawClient } from '@gatewright/testing'

/** A request for a path. */
export type OddRequest = (path: string) => string

const request =
  (line: string, fields: string, body = ''): OddRequest =>
  (path) =>
    `${line.replace('*', path)}\r\n${fields}\r\n${body}`

const TE = 'TE: trailers\r\n'
const CLOSE = 'Host: a\r\nConnection: close\r\n'

/** Requests that the gateway takes, as few clients send them. */
export const ODD_REQUESTS: readonly OddRequest[] = [
  request('GET * HTTP/1.1', CLOSE),
  request('GET * HTTP/1.1', `${CLOSE}${TE}`),
  request('GET * HTTP/1.1', 'Host: a\r\n'),
  request('GET * HTTP/1.1', `Host: a\r\n${TE}`),
  request('GET * HTTP/1.0', ''),
  request('GET * HTTP/1.0', TE),
  request('GET * HTTP/1.0', 'TE: trailers, chunked\r\nConnection: keep-alive, TE\r\n'),
  request('HEAD * HTTP/1.1', `${CLOSE}${TE}`),
  request('HEAD * HTTP/1.0', TE),
  request('OPTIONS * HTTP/1.1', `${CLOSE}${TE}Max-Forwards: 1\r\n`),
  request('POST * HTTP/1.1', `${CLOSE}${TE}Content-Length: 4\r\n`, 'body'),
  request('POST * HTTP/1.1', `${CLOSE}Transfer-Encoding: chunked\r\n`, '4\r\nbody\r\n0\r\nx: y\r\n\r\n'),
  request('POST * HTTP/1.1', `${CLOSE}Expect: 100-continue\r\nContent-Length: 4\r\n`, 'body'),
  request('PUT * HTTP/1.0', `${TE}Content-Length: 4\r\n`, 'body')
]

/** What a client does besides reading to the end. Resolves when its connection is gone. */
export type OddWay = (client: RawClient, text: string) => Promise<unknown>

/** Ways in which clients leave, or say more than they should. */
export const ODD_WAYS: readonly OddWay[] = [
  (client, text) => {
    void client.write(text)
    client.reset()
    return client.closed
  },
  (client, text) => {
    void client.write(text)
    client.socket.once('data', () => client.reset())
    return client.closed
  },
  (client, text) => {
    void client.write(`${text}\0nonsense\r\n\r\n`)
    return client.closed
  },
  (client, text) => {
    void client.write(text.replace('Connection: close\r\n', '') + text)
    return client.closed
  },
  (client, text) => {
    void client.write(text.slice(0, -2))
    setImmediate(() => client.reset())
    return client.closed
  }
]
