import { readFileSync } from 'node:fs'
import { isSecretName } from '@gatewright/core'

/** `${NAME}`, `${NAME:-default}`, `${file:/path}`, or `$${`, which stands for `${`. */
const REFERENCE = /\$\$\{|\$\{(?:file:([^}]*)|([A-Za-z_]\w*)(?::-([^}]*))?)\}|\$\{[^}]*\}?/g

/** What references are looked up in. */
export interface Lookup {
  readonly env: NodeJS.ProcessEnv
  /** Values that must not be shown are added to it. */
  readonly secrets: Set<string>
}

/** A text with its references replaced, and what is wrong with them. */
export interface Replaced {
  readonly text: string
  /** Whether the text is one reference to the environment and nothing else: it may stand for a number. */
  readonly whole: boolean
  readonly problems: readonly string[]
}

/** Replaces the references of a text. Gives `null` for one that has none. */
export function replaceReferences(text: string, { env, secrets }: Lookup): Replaced | null {
  if (!text.includes('${')) return null
  const problems: string[] = []
  let whole = false
  const replaced = text.replace(REFERENCE, (match, file, name, fallback) => {
    if (match === '$${') return '${'
    if (file !== undefined) return contentOf(file, secrets, problems)
    if (name === undefined) {
      problems.push(
        `'${match}' must be \${NAME}, \${NAME:-default} or \${file:/path}; $\${ stands for \${ itself`
      )
      return match
    }
    whole = match === text
    const value = env[name]
    if (value === undefined || (value === '' && fallback !== undefined)) {
      if (fallback !== undefined) return fallback
      problems.push(`the environment variable ${name} is not set; \${${name}:-default} has a default`)
      return ''
    }
    if (isSecretName(name) && value !== '') secrets.add(value)
    return value
  })
  return { text: replaced, whole, problems }
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
