import { readFileSync } from 'node:fs'
import { isSecretName } from '@gatewright/core'

/** `${NAME}`, `${NAME:-default}`, `${file:/path}`, or `$${`, which stands for `${`. */
const REFERENCE = /\$\$\{[^}]*\}?|\$\{(?:file:([^}]*)|([A-Za-z_]\w*)(?::-([^}]*))?)\}|\$\{[^}]*\}?/g

/** What references are looked up in. */
export interface Lookup {
  readonly env: NodeJS.ProcessEnv
  /** Values that must not be shown are added to it. */
  readonly secrets: Set<string>
}

/** A text with its references replaced, and what is wrong with them. */
export interface Replaced {
  readonly text: string
  /** Whether the text was one reference to the environment and nothing else: it may stand for a number. */
  readonly whole: boolean
  readonly problems: readonly string[]
}

// In private use: a mark, the number of the reference in two digits, and what makes it as long as the reference.
const MARKED = /\uf8f0([\ue000-\uefff])([\ue000-\uefff])\uf8f1*/g
const BASE = 0x1000

/**
 * The references of a file. Braces mean something else in YAML, so it is parsed with marks in their place, each as long as
 * its reference: every offset stays what it was.
 */
export class References {
  readonly masked: string
  readonly #all: string[] = []
  readonly #lookup: Lookup

  constructor(text: string, lookup: Lookup) {
    this.#lookup = lookup
    this.masked = text.replace(REFERENCE, (reference) => {
      if (reference.length < 4) return reference
      const number = this.#all.push(reference) - 1
      const digit = (value: number): string => String.fromCharCode(0xe000 + (value % BASE))
      return `\uf8f0${digit(Math.floor(number / BASE))}${digit(number)}`.padEnd(reference.length, '\uf8f1')
    })
  }

  /** A parsed text with the references as they were written. */
  written(text: string): string {
    return text.replace(MARKED, (_mark, high, low) => this.#at(high, low))
  }

  /** A parsed text with what the references stand for; `null` if it has none. */
  replaced(text: string): Replaced | null {
    if (!text.includes('\uf8f0')) return null
    const problems: string[] = []
    let whole = false
    const replaced = text.replace(MARKED, (mark, high, low) => {
      const reference = this.#at(high, low)
      if (reference.startsWith('$$')) return reference.slice(1)
      const [, file, name, fallback] = reference.match(new RegExp(REFERENCE.source)) ?? []
      if (file !== undefined) return contentOf(file, this.#lookup.secrets, problems)
      if (name !== undefined) {
        whole = mark === text
        return this.#variable(name, fallback, problems)
      }
      problems.push(
        `'${reference}' must be \${NAME}, \${NAME:-default} or \${file:/path}; $\${ stands for \${ itself`
      )
      return reference
    })
    return { text: replaced, whole, problems }
  }

  #at(high: string, low: string): string {
    const number = (high.charCodeAt(0) - 0xe000) * BASE + low.charCodeAt(0) - 0xe000
    return this.#all[number] ?? ''
  }

  #variable(name: string, fallback: string | undefined, problems: string[]): string {
    const { env, secrets } = this.#lookup
    const value = env[name]
    if (value === undefined || (value === '' && fallback !== undefined)) {
      if (fallback !== undefined) return fallback
      problems.push(`the environment variable ${name} is not set; \${${name}:-default} has a default`)
      return ''
    }
    if (isSecretName(name) && value !== '') secrets.add(value)
    return value
  }
}

// Files of secrets end with a line end that is none of theirs.
function contentOf(path: string, secrets: Set<string>, problems: string[]): string {
  try {
    const content = readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    if (content !== '') secrets.add(content)
    return content
  } catch (error) {
    problems.push(
      `the file ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`
    )
    return ''
  }
}
