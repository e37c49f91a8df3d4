import type { Position, SourceText } from './source-text.js'

/** Problems that are shown; the rest are counted. */
const MOST = 100
/** Characters of a line of a file that are shown. */
const WIDEST = 120

/** Something that is wrong with a configuration. */
export interface FileProblem {
  /** The value's path, `routes[0].pool`; `''` where it is no value: a file that cannot be read or parsed. */
  readonly path: string
  readonly message: string
  readonly position?: Position
}

/** What is wrong with the files of a configuration: all of it, with the lines it stands in. */
export class ConfigFileError extends Error {
  readonly code = 'GW_CONFIG_FILE_INVALID'
  readonly problems: readonly FileProblem[]

  /** `texts` are the files, for the lines that are shown. */
  constructor(problems: readonly FileProblem[], texts: readonly SourceText[]) {
    const shown = problems.slice(0, MOST).map((problem) => shownProblem(problem, texts))
    if (problems.length > MOST) shown.push(`and ${problems.length - MOST} more`)
    super(shown.join('\n'))
    this.name = 'ConfigFileError'
    this.problems = problems
  }
}

// `file:line:column  path: message`, the line, and a caret below the column.
function shownProblem({ path, message, position }: FileProblem, texts: readonly SourceText[]): string {
  const what = path === '' ? message : `${path}: ${message}`
  if (position === undefined) return what
  const { file, line, column } = position
  const text = texts.find((one) => one.file === file)?.line(line) ?? ''
  const head = `${file}:${line}:${column}  ${what}`
  if (text.trim() === '') return head
  const from = Math.max(0, column - WIDEST / 2)
  const cut = text.slice(from, from + WIDEST).replaceAll('\t', ' ')
  const number = String(line)
  return `${head}\n  ${number} | ${cut}\n  ${' '.repeat(number.length)} | ${' '.repeat(column - 1 - from)}^`
}
