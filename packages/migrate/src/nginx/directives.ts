import { posix } from 'node:path'
import type { Draft } from '../draft.js'
import { MigrationError, type MigrationSource, type Place } from '../migration.js'
import { type Token, tokensOf } from './tokens.js'

/** A directive of nginx, with those in its block. */
export interface Directive extends Place {
  readonly name: string
  readonly args: readonly string[]
  readonly block?: readonly Directive[]
}

/** How deep includes may stand in each other. */
const DEEPEST = 16

/**
 * Reads a configuration of nginx. Includes stand in the place where they are included; one that cannot be read is told.
 * Throws a {@link MigrationError} for what nginx could not read either.
 */
export function readDirectives(source: MigrationSource, draft: Draft): readonly Directive[] {
  return readFile(source.file, source.text, { source, draft, depth: 0 })
}

interface Reading {
  readonly source: MigrationSource
  readonly draft: Draft
  readonly depth: number
}

function readFile(file: string, text: string, reading: Reading): readonly Directive[] {
  const tokens = [...tokensOf(text, file)]
  const { directives, end } = readBlock(tokens, 0, file, reading)
  const rest = tokens[end]
  if (rest !== undefined) throw new MigrationError({ file, line: rest.line }, `'${rest.text}' closes nothing`)
  return directives
}

interface Block {
  readonly directives: readonly Directive[]
  readonly end: number
}

function readBlock(tokens: readonly Token[], from: number, file: string, reading: Reading): Block {
  const directives: Directive[] = []
  let at = from
  for (;;) {
    const first = tokens[at]
    if (first === undefined || (first.isMark && first.text === '}')) return { directives, end: at }
    const words: string[] = []
    for (; tokens[at] !== undefined && tokens[at]?.isMark === false; at++) words.push(tokens[at]?.text ?? '')
    const mark = tokens[at]
    const { line } = first
    const [name, ...args] = words
    if (name === undefined) {
      at++
      continue
    }
    if (mark === undefined || mark.text === '}')
      throw new MigrationError({ file, line }, `'${name}' does not end with ';'`)
    at++
    if (mark.text === ';') directives.push(...plain({ file, line, name, args }, reading))
    else {
      const { directives: block, end } = readBlock(tokens, at, file, reading)
      if (tokens[end] === undefined)
        throw new MigrationError({ file, line }, `the block of '${name}' is not closed`)
      directives.push({ file, line, name, args, block })
      at = end + 1
    }
  }
}

function plain(directive: Directive, reading: Reading): readonly Directive[] {
  const [pattern] = directive.args
  if (directive.name !== 'include' || pattern === undefined) return [directive]
  const { source, draft, depth } = reading
  if (/(^|\/)(mime\.types|fastcgi(_params|\.conf)|uwsgi_params|scgi_params)$/.test(pattern)) {
    draft.note('not-needed', directive, 'include', `${pattern} is for files and other protocols`)
    return []
  }
  const paths = placesOf(pattern, source)
  if (paths.length === 0 || depth >= DEEPEST) {
    draft.note('left-out', directive, 'include', `${pattern} was not found: what it says is missing`)
    return []
  }
  return paths.flatMap((path) => {
    const text = source.read(path)
    if (text !== undefined) return readFile(path, text, { ...reading, depth: depth + 1 })
    draft.note('left-out', directive, 'include', `${path} cannot be read: what it says is missing`)
    return []
  })
}

// Relative to the main file. Of a file from sites-enabled or conf.d, that is the folder around it.
function placesOf(pattern: string, { file, read, expand = () => [] }: MigrationSource): readonly string[] {
  const folder = posix.dirname(file)
  const candidates = posix.isAbsolute(pattern)
    ? [pattern, posix.join(folder, pattern.replace(/^\/etc\/nginx\//, ''))]
    : [posix.join(folder, pattern), posix.join(folder, '..', pattern)]
  for (const candidate of candidates) {
    const found = /[*?[]/.test(candidate)
      ? expand(candidate)
      : read(candidate) === undefined
        ? []
        : [candidate]
    if (found.length > 0) return found
  }
  return []
}
