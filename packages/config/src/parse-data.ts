import { isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { DataDocument } from './document.js'
import type { FileProblem } from './problems.js'
import { type Lookup, References } from './references.js'
import type { SourceText } from './source-text.js'

/** Aliases that a file may unfold to: more would be an attack on memory. */
const MOST_ALIASES = 1_000

/** Reads YAML 1.2 or JSON. Adds to `problems` what is wrong, and gives `null` when nothing can be read of it. */
export function parseData(source: SourceText, lookup: Lookup, problems: FileProblem[]): DataDocument | null {
  const isJson = source.file.endsWith('.json')
  const wrong = isJson ? jsonProblem(source) : null
  if (wrong !== null) {
    problems.push(wrong)
    return null
  }
  const references = new References(source.text, lookup)
  const document = parseDocument(references.masked, {
    version: '1.2',
    merge: true,
    prettyErrors: false,
    lineCounter: new LineCounter()
  })
  const found = [...document.errors, ...document.warnings]
  for (const { message, pos } of found)
    problems.push({ path: '', message: firstLine(references.written(message)), position: source.at(pos[0]) })
  if (found.length > 0) return null

  visit(document, {
    Scalar(key, node) {
      if (typeof node.value !== 'string') return
      const replaced = references.replaced(node.value)
      if (replaced === null) return
      if (key === 'key') {
        node.value = references.written(node.value)
        return
      }
      const position = source.at(node.range?.[0] ?? 0)
      for (const message of replaced.problems) problems.push({ path: '', message, position })
      // Without quotes it is read as if it stood there.
      const isPlain = node.type === 'PLAIN' && replaced.whole && !isJson
      node.value = isPlain ? plainValue(replaced.text) : replaced.text
    }
  })
  const value = mapIn(source, document, problems)
  return value === null ? null : new DataDocument(source, value, document)
}

function mapIn(
  source: SourceText,
  document: ReturnType<typeof parseDocument>,
  problems: FileProblem[]
): Readonly<Record<string, unknown>> | null {
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES })
  } catch (error) {
    problems.push({ path: '', message: firstLine((error as Error).message), position: source.at(0) })
    return null
  }
  if (value === null || value === undefined) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>
  problems.push({ path: '', message: 'a configuration must be a map of keys', position: source.at(0) })
  return null
}

function plainValue(text: string): unknown {
  const { contents } = parseDocument(text, { version: '1.2', prettyErrors: false })
  return isScalar(contents) && typeof contents.value !== 'object' ? contents.value : text
}

// What is JSON by its name must be JSON, not some other YAML.
function jsonProblem(source: SourceText): FileProblem | null {
  try {
    JSON.parse(source.text)
    return null
  } catch (error) {
    const { message } = error as Error
    const [, offset] = /position (\d+)/.exec(message) ?? []
    const end = /end of JSON|Unterminated/.test(message) ? source.text.length : 0
    return {
      path: '',
      message: `this is no JSON: ${firstLine(message)}`,
      position: source.at(offset === undefined ? end : Number(offset))
    }
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] as string
}
