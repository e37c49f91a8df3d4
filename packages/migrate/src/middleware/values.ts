import type { Draft } from '../draft.js'
import { Tree } from '../tree/tree.js'
import { isSyntax, lineOf, nodesIn, type Syntax } from './syntax.js'

/** What the code of a file says without being run: literals, constants made of them, and defaults of environment variables. */
export class Values {
  readonly #file: string
  readonly #text: string
  readonly #draft: Draft
  readonly #constants = new Map<string, Syntax>()

  constructor(program: Syntax, file: string, text: string, draft: Draft) {
    this.#file = file
    this.#text = text
    this.#draft = draft
    for (const node of nodesIn(program)) {
      if (node.type !== 'VariableDeclarator' || !isSyntax(node.id) || !isSyntax(node.init)) continue
      if (node.id.type === 'Identifier') this.#constants.set(String(node.id.name), node.init)
    }
  }

  /** What a name stands for, or the node itself. */
  resolve(node: Syntax): Syntax {
    const unwrapped = unwrap(node)
    if (unwrapped.type !== 'Identifier') return unwrapped
    const found = this.#constants.get(String(unwrapped.name))
    return found === undefined ? unwrapped : unwrap(found)
  }

  /** A node as a tree: code where it is known at run time only. */
  read(given: Syntax, depth = 0): Tree {
    const node = this.resolve(given)
    const place = { file: this.#file, line: lineOf(given) }
    const code = (): Tree =>
      new Tree(place, { kind: 'code', source: this.#text.slice(given.start, given.end), node })
    if (depth > 20) return code()
    if (node.type === 'ObjectExpression') return this.#object(node, place, depth)
    if (node.type === 'ArrayExpression')
      return new Tree(place, {
        kind: 'list',
        items: (node.elements as readonly unknown[])
          .filter(isSyntax)
          .map((item) => this.read(item, depth + 1))
      })
    const value = this.#value(node, depth)
    return value === undefined ? code() : new Tree(place, { kind: 'value', value })
  }

  #object(node: Syntax, place: Tree['place'], depth: number): Tree {
    const fields = new Map<string, Tree>()
    for (const property of (node.properties as readonly Syntax[]) ?? []) {
      if (property.type === 'SpreadElement') {
        const inner = this.read(property.argument as Syntax, depth + 1)
        if (inner.content.kind === 'map')
          for (const [name, field] of inner.content.fields) fields.set(name, field)
        else fields.set(`...${inner.content.kind === 'code' ? inner.content.source : ''}`, inner)
        continue
      }
      const key = property.key as Syntax
      const name =
        property.computed === true
          ? this.#value(this.resolve(key), depth)
          : key.type === 'Identifier'
            ? key.name
            : key.value
      const field = this.read(property.value as Syntax, depth + 1)
      fields.set(String(name), new Tree({ ...place, line: lineOf(property) }, field.content))
    }
    return new Tree(place, { kind: 'map', fields })
  }

  #value(node: Syntax, depth: number): unknown {
    if (depth > 20) return undefined
    const inner = (part: unknown): unknown =>
      isSyntax(part) ? this.#value(this.resolve(part), depth + 1) : undefined
    if (node.type === 'Literal') return node.regex === undefined ? node.value : undefined
    if (node.type === 'TemplateLiteral') {
      const parts = (node.expressions as readonly Syntax[]).map(inner)
      if (parts.includes(undefined)) return undefined
      return (node.quasis as readonly { readonly value: { readonly cooked: string } }[])
        .map(({ value }, index) => value.cooked + (index < parts.length ? String(parts[index]) : ''))
        .join('')
    }
    if (node.type === 'BinaryExpression' && node.operator === '+') {
      const [left, right] = [inner(node.left), inner(node.right)]
      return left === undefined || right === undefined ? undefined : `${left}${right}`
    }
    if (node.type === 'BinaryExpression' && node.operator === '*') {
      const product = Number(inner(node.left)) * Number(inner(node.right))
      return Number.isNaN(product) ? undefined : product
    }
    if (node.type === 'UnaryExpression' && node.operator === '!')
      return inner(node.argument) === undefined ? undefined : !inner(node.argument)
    if (node.type === 'LogicalExpression' && ['||', '??'].includes(String(node.operator))) {
      const name = environmentName(node.left)
      const fallback = inner(node.right)
      if (name !== undefined && fallback !== undefined)
        this.#draft.note(
          'differs',
          { file: this.#file, line: lineOf(node) },
          name,
          `the default is written; \${${name}:-…} in YAML reads the variable`
        )
      return inner(node.left) ?? fallback
    }
    return undefined
  }
}

// `process.env.NAME`.
function environmentName(node: unknown): string | undefined {
  if (
    !isSyntax(node) ||
    node.type !== 'MemberExpression' ||
    !isSyntax(node.object) ||
    !isSyntax(node.property)
  )
    return undefined
  const { object, property } = node
  const isEnv =
    object.type === 'MemberExpression' && isSyntax(object.property) && object.property.name === 'env'
  return isEnv ? String(property.name ?? property.value) : undefined
}

function unwrap(node: Syntax): Syntax {
  return /^(TSAs|TSSatisfies|TSNonNull|TSTypeAssertion|Parenthesized|Await)/.test(node.type)
    ? unwrap((node.expression ?? node.argument) as Syntax)
    : node
}
