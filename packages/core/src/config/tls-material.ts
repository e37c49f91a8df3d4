import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { PoolConfig } from './config.js'

type TlsConfig = NonNullable<PoolConfig['tls']>

const BEGIN = /-----BEGIN [A-Z0-9 ]+-----/g
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g
const ENCRYPTED = /-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m
const PATH = /^(?:~|\.{1,2})?[/\\]|^[A-Za-z]:[/\\]|\.(?:pem|crt|cer|der|key|p12|pfx|ca-bundle)$/i
const LONGEST_PATH = 4_096

/**
 * Yields the problems of TLS material: what cannot be read, or does not belong together, would otherwise show only
 * when a connection is made. A private key is never repeated.
 */
export function* checkTlsMaterial({ ca, cert, key }: TlsConfig, at: string): Iterable<string> {
  const authorities = Array.isArray(ca) ? ca : ca === undefined ? [] : [ca]
  if (authorities.length === 0 && ca !== undefined) yield `${at}.ca: must have at least one authority`
  for (const [index, text] of authorities.entries())
    yield* problemsOf(text, `${at}.ca${Array.isArray(ca) ? `[${index}]` : ''}`, 'CERTIFICATE')
  const own = [
    ...(cert === undefined ? [] : problemsOf(cert, `${at}.cert`, 'CERTIFICATE')),
    ...(key === undefined ? [] : problemsOf(key, `${at}.key`, 'PRIVATE KEY'))
  ]
  yield* own
  if (cert !== undefined && key === undefined) yield `${at}: 'key' is missing: the private key of 'cert'`
  if (key !== undefined && cert === undefined) yield `${at}: 'cert' is missing: the certificate of 'key'`
  if (cert === undefined || key === undefined || own.length > 0) return
  const problem = contextProblem({ cert, key })
  if (problem !== undefined) yield `${at}: 'cert' and 'key' cannot be used together: ${problem}`
}

function* problemsOf(text: string, at: string, kind: 'CERTIFICATE' | 'PRIVATE KEY'): Iterable<string> {
  const begun = text.match(BEGIN)?.length ?? 0
  const blocks = [...text.matchAll(BLOCK)]
  const fitting = blocks.filter(([, type = '']) => type.endsWith(kind))
  if (begun === 0 && isPath(text)) {
    const path = kind === 'CERTIFICATE' ? `'${text}'` : '…'
    yield `${at}: looks like a path; use readFileSync(${path}, 'utf8')`
  } else if (begun === 0) {
    yield `${at}: must be PEM text, with a line '-----BEGIN ${kind}-----'`
  } else if (begun !== blocks.length) {
    yield `${at}: is cut off: a '-----BEGIN …-----' has no '-----END …-----'`
  } else if (fitting.length === 0) {
    yield `${at}: has no ${kind === 'CERTIFICATE' ? 'certificate' : 'private key'}, but: ${kindsOf(blocks)}`
  } else if (ENCRYPTED.test(text)) {
    yield `${at}: is encrypted; decrypt it first, as with 'openssl pkey'`
  } else {
    const problem = kind === 'CERTIFICATE' ? certificateProblem(fitting) : contextProblem({ key: text })
    if (problem !== undefined) yield `${at}: cannot be read: ${problem}`
  }
}

function kindsOf(blocks: readonly RegExpExecArray[]): string {
  return [...new Set(blocks.map(([, type]) => type))].join(', ')
}

function isPath(text: string): boolean {
  return text.length <= LONGEST_PATH && !text.includes('\n') && PATH.test(text)
}

// Node passes by an authority that it cannot read.
function certificateProblem(blocks: readonly RegExpExecArray[]): string | undefined {
  try {
    for (const [block] of blocks) new X509Certificate(block)
    return undefined
  } catch (error) {
    return told(error)
  }
}

function contextProblem(material: { cert?: string; key: string }): string | undefined {
  try {
    createSecureContext(material)
    return undefined
  } catch (error) {
    return told(error)
  }
}

// `error:05800074:x509 certificate routines::key values mismatch`
function told(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') return 'the key is that of another certificate'
  return message.slice(message.lastIndexOf(':') + 1)
}
