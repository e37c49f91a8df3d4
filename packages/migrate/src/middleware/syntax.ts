import { tsPlugin } from '@sveltejs/acorn-typescript'
import { type AnyNode, type Options, Parser, type Program } from 'acorn'
import { MigrationError, type MigrationSource } from '../migration.js'

/** A node of the syntax tree, of JavaScript or TypeScript. */
export interface Syntax {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly loc?: { readonly start: { readonly line: number } } | null
  readonly [key: string]: unknown
}

/** Parses a module or script. Nothing is run. Throws a {@link MigrationError} where it is neither. */
export function parseCode({ file, text }: Pick<MigrationSource, 'file' | 'text'>): Syntax {
  const isTyped = /\.[cm]?tsx?$/.test(file)
  const parser = isTyped ? Parser.extend(tsPlugin({ jsx: /x$/.test(file) })) : Parser
  const options: Options = {
    ecmaVersion: 'latest',
    locations: true,
    allowHashBang: true,
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
    sourceType: 'module'
  }
  try {
    return asSyntax(parser.parse(text, options))
  } catch (error) {
    try {
      return asSyntax(parser.parse(text, { ...options, sourceType: 'script' }))
    } catch {
      const { loc, message } = error as { readonly loc?: { readonly line: number }; readonly message: string }
      throw new MigrationError({ file, line: loc?.line ?? 1 }, message)
    }
  }
}

function asSyntax(program: Program): Syntax {
  return program as AnyNode as unknown as Syntax
}

/** All nodes below one, and it, in their order. */
export function* nodesIn(node: Syntax): Generator<Syntax> {
  yield node
  for (const key of Object.keys(node)) {
    const value = node[key]
    for (const each of Array.isArray(value) ? value : [value]) if (isSyntax(each)) yield* nodesIn(each)
  }
}

/** Whether a value is a node. */
export function isSyntax(value: unknown): value is Syntax {
  return typeof value === 'object' && value !== null && typeof (value as Syntax).type === 'string'
}

/** The name of an identifier, or of the last step of `a.b.c`; `''` for anything else. */
export function nameOf(node: unknown): string {
  if (!isSyntax(node)) return ''
  if (node.type === 'Identifier') return String(node.name)
  if (node.type === 'MemberExpression') return nameOf(node.property)
  if (node.type === 'CallExpression') return nameOf(node.callee)
  return ''
}

/** The line of a node. */
export function lineOf(node: Syntax): number {
  return node.loc?.start.line ?? 1
}
