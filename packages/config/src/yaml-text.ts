import { isScalar, parseDocument } from 'yaml'
import { MaskedText } from './masked-text.js'
import { type ParsedText, parsedText, type TextProblem, TOO_DEEP } from './parsed-text.js'
import { YamlReader } from './yaml-reader.js'

const OPTIONS = { version: '1.2', merge: true, prettyErrors: false, keepSourceTokens: false } as const

const SEVERAL = 'a file is one document: put what follows this line into another file, and name both'

/** Reads YAML 1.2, in which `<<` merges. */
export function parseYamlText(text: string): ParsedText {
  return parsedText((problems, templates, marker) => {
    const masked = new MaskedText(text)
    const document = parseDocument(masked.text, OPTIONS)
    for (const { message, pos } of [...document.errors, ...document.warnings])
      problems.push(told(masked.written(message), pos[0]))
    const { version } = document.directives?.yaml ?? {}
    if (version !== undefined && version !== '1.2')
      problems.push({ message: `it is read as YAML 1.2: leave out '%YAML ${version}'`, at: 0 })
    if (problems.length > 0) return null
    return new YamlReader(masked, problems, templates, marker).read(document.contents)
  })
}

/** What a text means that stands in YAML without quotes: a number, a truth value, nothing, or itself. */
export function plainValue(text: string): unknown {
  const { contents } = parseDocument(text, { version: '1.2', prettyErrors: false })
  return isScalar(contents) && typeof contents.value !== 'object' ? contents.value : text
}

function told(message: string, at: number): TextProblem {
  const [line = ''] = message.split('\n', 1)
  if (line.startsWith('Maximum call stack')) return { message: TOO_DEEP, at }
  if (line.startsWith('Source contains multiple documents')) return { message: SEVERAL, at }
  return { message: line, at }
}
