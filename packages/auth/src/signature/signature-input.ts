/** What a signature says of itself (RFC 9421, section 2.3). */
export interface SignatureInput {
  readonly label: string
  /** What it covers: names of fields, and derived components with an `@`. */
  readonly components: readonly string[]
  /** As it was received: the last line of what is signed. */
  readonly params: string
  readonly keyId: string
  /** In seconds since the epoch. */
  readonly created: number
  readonly expires: number | null
}

const LABEL = /^([a-z*][a-z0-9_.*-]{0,63})=(\(.*)$/
const COMPONENT = /"([^"\\]{1,256})"( (?=")|(?=\)))/gy
const PARAM = /;([a-z][a-z0-9_.*-]{0,31})=(?:(\d{1,15})|"([^"\\]{0,1024})")/gy
const LONGEST = 4_096

/** Reads a `Signature-Input` with one signature; a text says what is wrong with it. */
export function parseSignatureInput(field: string): SignatureInput | string {
  if (field.length > LONGEST) return 'Signature-Input is too long'
  const [, label = '', params = ''] = LABEL.exec(field) ?? []
  const components: string[] = []
  COMPONENT.lastIndex = 1
  let at = 1
  while (params[at] !== ')') {
    COMPONENT.lastIndex = at
    const found = COMPONENT.exec(params)
    if (found === null) return 'Signature-Input is malformed, or has more than one signature'
    components.push(found[1] as string)
    at = COMPONENT.lastIndex
  }
  const given = paramsIn(params, at + 1)
  if (given === null) return 'Signature-Input is malformed, or has more than one signature'
  if (new Set(components).size < components.length) return 'it covers something twice'
  const { keyid, created, expires, alg = 'hmac-sha256' } = Object.fromEntries(given)
  if (typeof keyid !== 'string') return 'it has no keyid'
  if (typeof created !== 'number') return 'it has no created'
  if (alg !== 'hmac-sha256') return 'its alg is another one than hmac-sha256'
  if (expires !== undefined && typeof expires !== 'number') return 'its expires is no time'
  return { label, components, params, keyId: keyid, created, expires: expires ?? null }
}

function paramsIn(text: string, from: number): ReadonlyMap<string, string | number> | null {
  const found = new Map<string, string | number>()
  let at = from
  while (at < text.length) {
    PARAM.lastIndex = at
    const [whole, name = '', number, string] = PARAM.exec(text) ?? []
    if (whole === undefined || found.has(name)) return null
    found.set(name, number === undefined ? (string as string) : Number(number))
    at += whole.length
  }
  return found
}

/** The signature of a label in a `Signature` field; `null` for none. */
export function signatureIn(field: string, label: string): Buffer | null {
  const [, name, value = ''] = /^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]{43}=):$/.exec(field) ?? []
  return name === label ? Buffer.from(value, 'base64') : null
}
