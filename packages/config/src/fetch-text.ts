import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { ConnectionOptions } from 'node:tls'
import { LARGEST_CONFIG } from './regular-file.js'

/** How often a server may send on to another URL of its own. */
const MOST_REDIRECTS = 3

/** A GET request. */
export interface Fetching {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly tls: ConnectionOptions
  readonly signal: AbortSignal
}

/** A response of 200 or 304. */
export interface Fetched {
  readonly status: 200 | 304
  readonly content: Buffer
  readonly type: string
  readonly etag: string | null
  readonly lastModified: string | null
}

/** A response that is none. */
export class FetchError extends Error {
  /** How long the server asks not to be asked again, in milliseconds. */
  readonly waitMs: number

  constructor(message: string, waitMs = 0) {
    super(message)
    this.waitMs = waitMs
  }
}

/**
 * Gets a text of at most 16 MiB over HTTP/1.1. Redirects are followed within the origin, three times at most. A response that
 * does not say where it ends is refused: half of it could not be told from the whole. Rejects with what is wrong.
 */
export async function fetchText(fetching: Fetching): Promise<Fetched> {
  let { url } = fetching
  for (let redirects = 0; ; redirects++) {
    const response = await responseTo({ ...fetching, url })
    const { statusCode = 0, headers } = response
    if (statusCode === 200 || statusCode === 304) return await fetchedFrom(response, statusCode)
    response.destroy()
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined)
      throw new FetchError(`the server has answered ${statusCode}`, waitOf(headers['retry-after']))
    const next = URL.canParse(headers.location, url.href) ? new URL(headers.location, url) : null
    if (next?.origin !== url.origin)
      throw new FetchError(
        `it is redirected to another origin, ${next?.origin ?? 'which is no URL'}: use that URL`
      )
    if (redirects === MOST_REDIRECTS)
      throw new FetchError(`it is redirected more than ${MOST_REDIRECTS} times`)
    url = next
  }
}

function responseTo({ url, headers, tls, signal }: Fetching): Promise<IncomingMessage> {
  const auth =
    url.username === ''
      ? {}
      : { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` }
  const options = {
    // A connection that was kept may have been closed meanwhile, which would look like a failure.
    agent: false,
    signal,
    ...auth,
    headers: {
      accept: 'application/yaml, application/json, */*;q=0.1',
      'accept-encoding': 'identity',
      ...headers
    }
  } as const
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:' ? requestHttps(url, { ...options, ...tls }) : requestHttp(url, options)
    request.once('response', resolve)
    // Those behind the response are errors of that.
    request.on('error', reject)
    request.end()
  })
}

async function fetchedFrom(response: IncomingMessage, status: 200 | 304): Promise<Fetched> {
  const { headers } = response
  try {
    return {
      status,
      content: status === 304 ? Buffer.alloc(0) : await contentOf(response),
      type: headers['content-type'] ?? '',
      etag: headers.etag ?? null,
      lastModified: headers['last-modified'] ?? null
    }
  } finally {
    response.destroy()
  }
}

async function contentOf(response: IncomingMessage): Promise<Buffer> {
  const { headers } = response
  const coding = headers['content-encoding'] ?? 'identity'
  if (coding !== 'identity') throw new FetchError(`it is encoded as ${coding}, which was not asked for`)
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined)
    throw new FetchError('the response has neither Content-Length nor chunks: it may be cut off')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LARGEST_CONFIG) throw new FetchError('it is larger than 16 MiB')
    chunks.push(chunk)
  }
  if (!response.complete) throw new FetchError('the response was cut off')
  return Buffer.concat(chunks, size)
}

// Seconds; a date is not worth the clocks that differ.
function waitOf(text = ''): number {
  return /^\d{1,6}$/.test(text) ? Math.min(Number(text), 600) * 1_000 : 0
}
