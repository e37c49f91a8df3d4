import { createGateway, defineConfig, type GatewayServerConfig } from '@gatewright/gateway'
import { type Node, parse } from 'acorn'

/** Keys by which an object is known as a configuration. */
const TELLING = ['pools', 'routes', 'policies', 'authentication']
/** Calls that end a chain of a builder: what follows is no configuration. */
const ENDS = ['listen', 'ready', 'close', 'inject', 'explain', 'app', 'apply', 'printRoutes']

type Ast = Node & Readonly<Record<string, unknown>>

/**
 * The configurations that a program shows: objects with pools or routes, and chains of `createGateway()`. Names that the
 * program takes from elsewhere are functions that do nothing.
 */
export function configsIn(code: string): GatewayServerConfig[] {
  const program = parse(code, {
    ecmaVersion: 'latest',
    sourceType: 'module',
    allowHashBang: true
  }) as object as Ast
  const constants = new Map<string, string>()
  const texts: string[] = []
  for (const node of nodesIn(program))
    if (node.type === 'VariableDeclarator') {
      const { id, init } = node as unknown as { id: Ast; init: Ast | null }
      if (id.type === 'Identifier' && init !== null && /Expression$|Literal$/.test(init.type))
        constants.set(String(id.name), code.slice(init.start, init.end))
    }
  collect(program, code, texts)
  return texts.flatMap((text) => {
    const value = evaluated(text, constants, new Set())
    const config = (value as { config?: unknown } | null)?.config ?? value
    return typeof config === 'object' && config !== null ? [config as GatewayServerConfig] : []
  })
}

function collect(node: Ast, code: string, texts: string[]): void {
  const chain = chainOf(node)
  if (chain !== null) texts.push(code.slice(chain.start, chain.end))
  else if (isConfig(node)) texts.push(`(${code.slice(node.start, node.end)})`)
  else for (const child of childrenOf(node)) collect(child, code, texts)
}

function isConfig(node: Ast): boolean {
  if (node.type !== 'ObjectExpression') return false
  const names = (node.properties as readonly Ast[]).map(({ key }) => (key as Ast | undefined)?.name)
  return names.some((name) => TELLING.includes(String(name)))
}

// `createGateway(...).pool(...).route(...)`, without what comes after the configuration.
function chainOf(node: Ast): Ast | null {
  if (node.type === 'AwaitExpression') return chainOf(node.argument as Ast)
  if (node.type !== 'CallExpression') return null
  const callee = node.callee as Ast
  if (callee.type === 'Identifier') return callee.name === 'createGateway' ? node : null
  if (callee.type !== 'MemberExpression') return null
  const inner = chainOf(callee.object as Ast)
  if (inner === null) return null
  const isEnd = ENDS.includes(String((callee.property as Ast).name)) || inner !== callee.object
  return isEnd ? inner : node
}

function evaluated(text: string, constants: ReadonlyMap<string, string>, asking: Set<string>): unknown {
  const scope = new Proxy(Object.create(null) as Record<string, unknown>, {
    has: (_target, name) => typeof name === 'string' && !(name in globalThis),
    get(_target, name) {
      if (typeof name !== 'string') return undefined
      if (name === 'createGateway') return createGateway
      if (name === 'defineConfig') return defineConfig
      const known = constants.get(name)
      if (known === undefined || asking.has(name)) return () => undefined
      return evaluated(known, constants, new Set([...asking, name]))
    }
  })
  try {
    return new Function('scope', `with (scope) { return ${text} }`)(scope)
  } catch {
    return undefined
  }
}

function* nodesIn(node: Ast): Iterable<Ast> {
  yield node
  for (const child of childrenOf(node)) yield* nodesIn(child)
}

function childrenOf(node: Ast): Ast[] {
  return Object.values(node)
    .flat()
    .filter((part): part is Ast => typeof (part as Ast | null)?.type === 'string')
}
