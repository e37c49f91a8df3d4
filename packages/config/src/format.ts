import { InvalidValueError, invalidConfig, show } from '@gatewright/core'
import { Document, Scalar, visit } from 'yaml'
import { DEEPEST, setKey, TOO_DEEP } from './parsed-text.js'
import { referenceSpans } from './reference-scan.js'

/** What a configuration can be written as. */
export type ConfigFormat = 'yaml' | 'json' | 'ts'

/** How a configuration is written. */
export interface FormatOptions {
  /**
   * Functions, instances and other values of code, by their names: in YAML and JSON they become `${function:NAME}`, which
   * `loadConfig` with the same `functions` turns back; in TypeScript an import of that name from `./functions.js`.
   */
  readonly functions?: Readonly<Record<string, unknown>>
  /** What becomes of code without a name: the call throws (default), or it is left out. */
  readonly code?: 'refuse' | 'omit'
}

/**
 * A configuration as the text of a file: read again, it is the same, with code by its names. Texts in it with `${` are written
 * so that they stand for themselves. Throws GW_CONFIG_INVALID with the paths of what cannot be written: code without a name,
 * instances of classes, what is within itself.
 *
 * @example
 * await writeFile('gateway.yaml', formatConfig(gateway.config, 'yaml', { code: 'omit' }))
 */
export function formatConfig(config: object, format: ConfigFormat, options: FormatOptions = {}): string {
  if (!['yaml', 'json', 'ts'].includes(format))
    throw new InvalidValueError('the format of a configuration', "'yaml', 'json' or 'ts'")
  const writing = new Writing(format, options)
  const data = writing.value(config, '', [])
  if (writing.problems.length > 0) throw invalidConfig(writing.problems)
  if (format === 'yaml') return yamlOf(data)
  const text = JSON.stringify(data, null, 2)
  return format === 'json' ? `${text}\n` : moduleOf(text, writing)
}

class Writing {
  readonly problems: string[] = []
  /** Names of what was code, with what stands for each in the text of a module. */
  readonly used = new Map<string, string>()
  readonly #format: ConfigFormat
  readonly #names: ReadonlyMap<unknown, string>
  readonly #isOmitting: boolean

  constructor(format: ConfigFormat, { functions = {}, code = 'refuse' }: FormatOptions) {
    this.#format = format
    this.#names = new Map(Object.entries(functions).map(([name, value]) => [value, name]))
    this.#isOmitting = code === 'omit'
  }

  /** A value as data; `undefined` where it is left out. */
  value(value: unknown, path: string, around: readonly unknown[]): unknown {
    const name = this.#names.get(value)
    if (name !== undefined) return this.#named(name)
    if (typeof value === 'string') return this.#format === 'ts' ? value : escaped(value)
    if (typeof value === 'number' && !Number.isFinite(value) && this.#format !== 'yaml')
      return this.#refused(path, `${value} is no number of JSON`)
    if (value === null || ['number', 'boolean', 'undefined'].includes(typeof value)) return value
    if (typeof value !== 'object' || !isPlain(value)) {
      if (this.#isOmitting) return undefined
      return this.#refused(path, `${show(value)} is code: give it a name in 'functions', or leave code out`)
    }
    if (around.includes(value)) return this.#refused(path, 'it is within itself')
    if (around.length > DEEPEST) return this.#refused(path, TOO_DEEP)
    return this.#parts(value, path, [...around, value])
  }

  #parts(value: object, path: string, around: readonly unknown[]): unknown {
    if (Array.isArray(value)) {
      const items = Array.from(value, (item: unknown, index) => {
        const at = `${path}[${index}]`
        return item === undefined
          ? this.#refused(at, 'nothing is no entry of a list')
          : this.value(item, at, around)
      })
      return items.filter((item) => item !== undefined)
    }
    const copy: Record<string, unknown> = {}
    for (const [key, part] of Object.entries(value)) {
      const at = path === '' ? key : `${path}.${key}`
      if (key === '__proto__' && this.#format === 'ts')
        this.#refused(at, 'no object of a module has such a key')
      const written = this.value(part, at, around)
      if (written !== undefined) setKey(copy, key, written)
    }
    return copy
  }

  #named(name: string): string {
    if (this.#format !== 'ts') return `\${function:${name}}`
    const known = this.used.get(name)
    if (known !== undefined) return known
    const mark = `code:${name}:${crypto.randomUUID()}`
    this.used.set(name, mark)
    return mark
  }

  #refused(path: string, problem: string): undefined {
    this.problems.push(`${path === '' ? 'the configuration' : path}: ${problem}`)
    return undefined
  }
}

/** A text that stands for itself when references are looked up. */
function escaped(text: string): string {
  let result = ''
  let from = 0
  for (const { start, isEscape } of referenceSpans(text)) {
    const at = isEscape ? start + 1 : start
    result += `${text.slice(from, at)}$`
    from = at
  }
  return result + text.slice(from)
}

/** The module that a module in TypeScript has its functions from. */
const FUNCTIONS_FILE = './functions.js'

const OPENING = '$\u007b'

// What YAML has no other way for than in quotes: controls, halves of surrogate pairs, marks of byte order.
const ODD = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/

function yamlOf(data: unknown): string {
  const document = new Document(data, { version: '1.2', aliasDuplicateObjects: false })
  // Stands for a `$` that must not be one in the text.
  const dollar = crypto.randomUUID()
  visit(document, {
    Scalar(_key, node) {
      const { value } = node
      if (typeof value !== 'string') return
      // A reader that looks for the end of a reference would find it beyond the text.
      const isOpen = referenceSpans(value).some(({ isClosed }) => !isClosed)
      if (isOpen) node.value = value.replaceAll(OPENING, `${dollar}{`)
      // A key `<<` would merge.
      if (isOpen || value === '<<' || ODD.test(value) || !isWellFormed(value)) node.type = Scalar.QUOTE_DOUBLE
    }
  })
  return document.toString({ lineWidth: 0 }).replaceAll(dollar, '\\u0024')
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

function moduleOf(text: string, { used }: Writing): string {
  let code = text
  for (const [name, mark] of used) code = code.replaceAll(JSON.stringify(mark), name)
  const names = [...used.keys()].sort().join(', ')
  const imports = names === '' ? '' : `import { ${names} } from '${FUNCTIONS_FILE}'\n`
  return `import { defineGateway } from '@gatewright/config'\n${imports}\nexport default defineGateway(${code})\n`
}

function isPlain(value: object): boolean {
  const inherited: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || inherited === null || inherited === Object.prototype
}
