/** One import, re-export or dynamic import of a source file. */
export interface Import {
  readonly from: string
  /** Gone after compilation. */
  readonly typeOnly: boolean
}

const STATIC =
  /^(?:import|export)\s+(type\s+)?((?:[\w$]+\s*,?\s*)?(?:\{[^}]*\}|\*(?:\s+as\s+[\w$]+)?)?)\s*from\s+['"]([^'"]+)['"]/gm
const BARE = /^import\s+['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g

/** Every import of a file. It reads text, not syntax: an import must begin its line, as the formatter has it. */
export function importsOf(source: string): Import[] {
  const statics = [...source.matchAll(STATIC)].map(([, type, clause = '', from = '']) => ({
    from,
    typeOnly: type !== undefined || onlyTypes(clause)
  }))
  const others = [...source.matchAll(BARE), ...source.matchAll(DYNAMIC)]
  return [...statics, ...others.map(([, from = '']) => ({ from, typeOnly: false }))]
}

/** The package a specifier names: `@scope/name` of `@scope/name/file`; `undefined` for a file or a Node module. */
export function packageOf(specifier: string): string | undefined {
  return /^(?!\.|node:)(@[^/]+\/[^/]+|[^@/][^/]*)/.exec(specifier)?.[1]
}

function onlyTypes(clause: string): boolean {
  const names = /^\{([^}]*)\}$/.exec(clause.trim())?.[1]
  if (names === undefined) return false
  return names.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '))
}
