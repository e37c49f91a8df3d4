import { readFileSync } from 'node:fs'
import { isSecretName } from '@gatewright/core'
import { isMap } from '../merge.js'

/** The parts of a JSON Schema that secrets are found by. */
interface Schema {
  readonly $ref?: string
  readonly writeOnly?: boolean
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly definitions?: Readonly<Record<string, Schema>>
}

/** Keys that name where something is found, though fields of requests of these names are secrets. */
const PLACES: ReadonlySet<string> = new Set([
  'key',
  'cookie',
  'cookies',
  'session',
  'code',
  'ticket',
  'pin',
  'sub'
])
/** Hashes may be kept where what they are of may not. */
const HASH = /^(?:sha256:|\$scrypt\$)/
/** Characters that a secret must have to be looked for in texts: fewer would be found everywhere. */
const TELLING = 4

/**
 * The paths of secrets that stand in the texts of a configuration as they are, instead of as references: values that the schema
 * marks, those of keys and fields whose names say so, and passwords in URLs. Hashes are none.
 */
export function clearSecrets(config: object, texts: readonly string[]): string[] {
  const schema = JSON.parse(
    readFileSync(new URL(import.meta.resolve('@gatewright/config/gateway.schema.json')), 'utf8')
  ) as Schema
  const found: string[] = []
  visit(config, [schema], '', '')
  return found

  function visit(value: unknown, schemas: readonly Schema[], path: string, name: string): void {
    const all = schemas.flatMap((one) => alternatives(one))
    if (typeof value === 'string') {
      const isMarked = all.some(({ writeOnly }) => writeOnly === true)
      if (HASH.test(value)) return
      const secret = isMarked || (isSecretName(name) && !PLACES.has(name)) ? value : passwordIn(value)
      if (secret !== null && texts.some((text) => text.includes(longestLine(secret)))) found.push(path)
    } else if (Array.isArray(value)) {
      const items = all.flatMap((one) => one.items ?? [])
      for (const [index, one] of value.entries()) visit(one, items, `${path}[${index}]`, name)
    } else if (isMap(value)) {
      for (const [key, one] of Object.entries(value)) {
        const parts = all.flatMap(({ properties = {}, patternProperties = {} }) =>
          Object.hasOwn(properties, key) ? (properties[key] ?? []) : Object.values(patternProperties)
        )
        visit(one, parts, path === '' ? key : `${path}.${key}`, key)
      }
    }
  }

  function alternatives(one: Schema): readonly Schema[] {
    const name = one.$ref?.split('/').at(-1)
    const meant = name === undefined ? one : (schema.definitions?.[name] ?? {})
    return [meant, ...(meant.anyOf ?? []).flatMap(alternatives)]
  }
}

function passwordIn(text: string): string | null {
  const [, password] = /^[a-z][a-z\d+.-]*:\/\/[^/?#@\s]*:([^/?#@\s]+)@/i.exec(text) ?? []
  return password ?? null
}

// A text of several lines is indented in YAML.
function longestLine(secret: string): string {
  const lines = secret.split(/\r?\n/).map((line) => line.trim())
  const longest = lines.reduce((best, line) => (line.length > best.length ? line : best), '')
  return longest.length < TELLING ? `\0${longest}` : longest
}
