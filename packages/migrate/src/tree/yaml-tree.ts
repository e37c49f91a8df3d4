import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { MigrationError, type MigrationSource } from '../migration.js'
import { Tree } from './tree.js'

/** How deep maps and lists may stand in each other. */
const DEEPEST = 100

/** A file in YAML or JSON as a tree. Throws a {@link MigrationError} where it is neither. */
export function yamlTree({ file, text }: Pick<MigrationSource, 'file' | 'text'>): Tree {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, merge: true })
  const [error] = document.errors
  if (error !== undefined)
    throw new MigrationError(
      { file, line: lines.linePos(error.pos[0]).line },
      error.message.split('\n')[0] ?? ''
    )
  return treeOf(document.contents, { document, lines, file }, 1, 0)
}

interface Reading {
  readonly document: Document.Parsed
  readonly lines: LineCounter
  readonly file: string
}

function treeOf(node: unknown, reading: Reading, around: number, depth: number): Tree {
  const { document, lines, file } = reading
  const range = (node as Node | null)?.range
  const line = range === undefined || range === null ? around : lines.linePos(range[0]).line
  const place = { file, line }
  if (depth > DEEPEST) throw new MigrationError(place, 'it is nested too deep')
  if (isAlias(node)) return treeOf(node.resolve(document), reading, line, depth + 1)
  if (isMap(node)) {
    const fields = new Map<string, Tree>()
    for (const { key, value } of node.items) {
      const at = (key as Node | null)?.range?.[0]
      const keyLine = at === undefined ? line : lines.linePos(at).line
      const field = treeOf(value, reading, keyLine, depth + 1)
      const name = isScalar(key) ? String(key.value) : String(key)
      if (name === '<<' && field.content.kind === 'map')
        for (const [inner, tree] of field.fields) fields.set(inner, tree)
      else fields.set(name, new Tree({ file, line: keyLine }, field.content))
    }
    return new Tree(place, { kind: 'map', fields })
  }
  if (isSeq(node))
    return new Tree(place, {
      kind: 'list',
      items: node.items.map((item) => treeOf(item, reading, line, depth + 1))
    })
  return new Tree(place, { kind: 'value', value: isScalar(node) ? node.value : null })
}
