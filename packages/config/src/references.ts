import { didYouMean, isSecretName, nearest } from '@gatewright/core'
import { referenceSpans } from './reference-scan.js'

/** How deep references may stand within each other. */
const DEEPEST = 8

/** What references are looked up in. */
export interface Lookup {
  readonly env: NodeJS.ProcessEnv
  /** Values that must not be shown are added to it. */
  readonly secrets: Set<string>
  /** What `${function:NAME}` stands for. */
  readonly functions: ReadonlyMap<string, unknown>
  /** The content of a file, or why there is none; `null` while it is not known: it is asked for again then. */
  contentOf(path: string): FileContent | null
}

/** What was found where `${file:…}` points to. */
export type FileContent = { readonly text: string } | { readonly problem: string }

/** What a text stands for. */
export interface Expanded {
  readonly value: unknown
  /** Whether it was one reference to the environment and nothing else: it may stand for a number. */
  readonly isVariable: boolean
}

const VARIABLE = /^([A-Za-z_]\w*)(?::-(.*))?$/s
const FORMS = `\${NAME}, \${NAME:-default}, \${file:PATH} or \${function:NAME}`

/** A text with its references replaced. Adds to `problems` what is wrong with them. */
export function expanded(text: string, lookup: Lookup, problems: string[]): Expanded {
  const [only] = referenceSpans(text)
  if (only === undefined) return { value: text, isVariable: false }
  const isWhole = only.start === 0 && only.end === text.length && only.isClosed && !only.isEscape
  const body = text.slice(2, -1)
  if (isWhole && body.startsWith('function:'))
    return { value: functionOf(body.slice('function:'.length), lookup, problems), isVariable: false }
  return { value: replaced(text, lookup, problems, 0), isVariable: isWhole && VARIABLE.test(body) }
}

function replaced(text: string, lookup: Lookup, problems: string[], depth: number): string {
  let result = ''
  let from = 0
  for (const { start, end, isEscape, isClosed } of referenceSpans(text)) {
    result += text.slice(from, start)
    from = end
    if (isEscape) result += text.slice(start + 1, end)
    else if (!isClosed) problems.push(`'\${' has no '}' behind it in its line; $\${ stands for \${ itself`)
    else result += resolved(text.slice(start, end), lookup, problems, depth)
  }
  return result + text.slice(from)
}

function resolved(reference: string, lookup: Lookup, problems: string[], depth: number): string {
  if (depth === DEEPEST) {
    problems.push(`references stand more than ${DEEPEST} deep within each other`)
    return ''
  }
  const body = reference.slice(2, -1)
  if (body.startsWith('file:')) {
    const path = replaced(body.slice('file:'.length), lookup, problems, depth + 1)
    return contentOf(path, lookup, problems)
  }
  const [, name, fallback] = VARIABLE.exec(body) ?? []
  if (name !== undefined) return variable(name, fallback, lookup, problems, depth)
  problems.push(
    body.startsWith('function:')
      ? `'${reference}' must be the whole value: a function is no part of a text`
      : `'${reference}' must be ${FORMS}; $\${ stands for \${ itself`
  )
  return ''
}

function variable(
  name: string,
  fallback: string | undefined,
  lookup: Lookup,
  problems: string[],
  depth: number
): string {
  const { env, secrets } = lookup
  const value = env[name]
  if (value === undefined || (value === '' && fallback !== undefined)) {
    if (fallback !== undefined) return replaced(fallback, lookup, problems, depth + 1)
    const near = nearest(name, Object.keys(env))
    const hint = near === undefined ? '' : `; did you mean '${near}'?`
    problems.push(
      `the environment variable ${name} is not set${hint === '' ? `; \${${name}:-default} has a default` : hint}`
    )
    return ''
  }
  if (isSecretName(name) && value !== '') secrets.add(value)
  return value
}

function contentOf(path: string, { secrets, contentOf: find }: Lookup, problems: string[]): string {
  const found = find(path)
  if (found === null) return ''
  if ('problem' in found) {
    problems.push(`the file ${path} ${found.problem}`)
    return ''
  }
  // Files of secrets end with a line end that is none of theirs.
  const content = found.text.replace(/\r?\n$/, '')
  if (content !== '') secrets.add(content)
  return content
}

function functionOf(name: string, { functions }: Lookup, problems: string[]): unknown {
  const found = functions.get(name)
  if (found !== undefined) return found
  const known =
    functions.size === 0
      ? ': none is registered; `functions` of loadConfig has them by name'
      : didYouMean(name, functions.keys())
  problems.push(`there is no function '${name}'${known}`)
  return null
}
