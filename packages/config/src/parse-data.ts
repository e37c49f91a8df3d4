import { DataDocument } from './document.js'
import { parseAside, type ReadText } from './parse-aside.js'
import type { Template } from './parsed-text.js'
import type { FileProblem } from './problems.js'
import { referenceSpans } from './reference-scan.js'
import { expanded, type FileContent, type Lookup } from './references.js'
import type { SourceText } from './source-text.js'
import { plainValue } from './yaml-text.js'

const LONGEST_PARSE_MS = 120_000

const NOT_LOOKED_UP =
  "references are looked up in files of this machine alone, unless the source says 'references: true'; $\u0024{ stands for \u0024{ itself"

/** What a text of YAML or JSON is read with. */
export interface DataContext extends Omit<Lookup, 'contentOf'> {
  /** Whether references are looked up; else one is a problem. Default true. */
  readonly references?: boolean
  /** Reads what `${file:…}` names. */
  readFile(path: string): Promise<FileContent>
}

/** Reads YAML 1.2 or JSON. Adds to `problems` what is wrong, and gives `null` when nothing can be read of it. */
export async function parseData(
  source: SourceText,
  isJson: boolean,
  context: DataContext,
  problems: FileProblem[]
): Promise<DataDocument | null> {
  const read = await parseAside({ text: source.text, isJson }, LONGEST_PARSE_MS)
  for (const { message, at } of read.problems) problems.push({ path: '', message, position: source.at(at) })
  if (read.value === null) return null
  if (context.references === false)
    for (const { text, at } of read.templates)
      if (referenceSpans(text).some(({ isEscape }) => !isEscape))
        problems.push({ path: '', message: NOT_LOOKED_UP, position: source.at(at) })
  if (problems.length > 0 && context.references === false) return null
  const all = await Promise.all(read.templates.map(({ text }) => expandedWithFiles(text, context)))
  const values = all.map(({ value, isVariable, messages }, index) => {
    const { at, isPlain } = read.templates[index] as Template
    for (const message of messages) problems.push({ path: '', message, position: source.at(at) })
    // Without quotes it is read as if it stood there.
    return isVariable && isPlain ? plainValue(String(value)) : value
  })
  fill(read, values)
  return new DataDocument(source, read.value, read.root)
}

// Again while files turn up that are not known: the path of one may be made of another's content.
async function expandedWithFiles(text: string, { readFile, ...context }: DataContext) {
  const contents = new Map<string, FileContent>()
  for (;;) {
    const wanted = new Set<string>()
    const messages: string[] = []
    const contentOf = (path: string): FileContent | null => {
      const found = contents.get(path) ?? null
      if (found === null) wanted.add(path)
      return found
    }
    const found = expanded(text, { ...context, contentOf }, messages)
    if (wanted.size === 0) return { ...found, messages }
    for (const path of wanted) contents.set(path, await readFile(path))
  }
}

function fill({ value, marker, templates }: ReadText, values: readonly unknown[]): void {
  if (templates.length === 0) return
  const seen = new Set<unknown>()
  const visit = (part: Record<string | number, unknown>): void => {
    if (seen.has(part)) return
    seen.add(part)
    for (const [key, one] of Object.entries(part))
      if (typeof one === 'string' && one.startsWith(marker))
        part[key] = values[Number(one.slice(marker.length))]
      else if (typeof one === 'object' && one !== null) visit(one as Record<string, unknown>)
  }
  visit(value as Record<string, unknown>)
}
