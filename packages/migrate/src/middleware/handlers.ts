import type { Draft, Options } from '../draft.js'
import type { Tree } from '../tree/tree.js'
import { isSyntax, lineOf, nameOf, type Syntax } from './syntax.js'

/** Headers that handlers of proxy events set and remove. */
export interface HandlerChanges {
  readonly request: { readonly set: Record<string, string>; readonly remove: string[] }
  readonly response: { readonly set: Record<string, string>; readonly remove: string[] }
}

/** Reads a handler of `proxyReq` or `proxyRes`: headers with literal values are translated, every other statement is told. */
export function readHandler(event: string, handler: Tree, changes: HandlerChanges, draft: Draft): void {
  const { content, place } = handler
  const what = `on.${event}`
  const tell = (line: number, message: string): void =>
    draft.note('left-out', { ...place, line }, what, message)
  if (content.kind !== 'code' || !isSyntax(content.node)) {
    tell(place.line, 'it is no function that could be read')
    return
  }
  if (nameOf(content.node) === 'fixRequestBody') {
    draft.note('not-needed', place, what, 'bodies are forwarded as they come')
    return
  }
  if (event === 'error') {
    tell(place.line, 'the gateway answers failures itself; a `fallback` answers otherwise')
    return
  }
  const body = content.node.body
  const statements = !isSyntax(body)
    ? []
    : body.type === 'BlockStatement'
      ? (body.body as readonly Syntax[])
      : [body]
  if (!isSyntax(body) || (event !== 'proxyReq' && event !== 'proxyRes')) {
    tell(place.line, 'code: write it as a hook, a filter or a transform')
    return
  }
  for (const statement of statements) {
    const expression = statement.type === 'ExpressionStatement' ? (statement.expression as Syntax) : statement
    if (!isTranslated(expression, event, changes))
      tell(lineOf(statement), 'code: write it as a hook, a filter or a transform')
  }
}

function isTranslated(node: Syntax, event: string, { request, response }: HandlerChanges): boolean {
  const isRequest = event === 'proxyReq'
  const { set, remove } = isRequest ? request : response
  if (node.type === 'CallExpression' && isSyntax(node.callee) && node.callee.type === 'MemberExpression') {
    const [owner, method] = [nameOf(node.callee.object), nameOf(node.callee)]
    if (owner === 'console' || owner === 'logger') return true
    const [name, value] = (node.arguments as readonly Syntax[]).map(literalOf)
    const isOwn = isRequest ? /proxyReq/i.test(owner) : /^res/i.test(owner)
    if (!isOwn || name === undefined) return false
    if (method === 'setHeader' && value !== undefined)
      set[name.toLowerCase()] = value.replaceAll(/[{}]/g, '$&$&')
    else if (method === 'removeHeader' && node.arguments !== undefined) remove.push(name.toLowerCase())
    else return false
    return true
  }
  if (isRequest) return false
  if (node.type === 'UnaryExpression' && node.operator === 'delete') {
    const name = fieldOf(node.argument)
    if (name !== undefined) remove.push(name)
    return name !== undefined
  }
  if (node.type === 'AssignmentExpression' && node.operator === '=') {
    const [name, value] = [fieldOf(node.left), literalOf(node.right as Syntax)]
    if (name === undefined || value === undefined) return false
    set[name] = value.replaceAll(/[{}]/g, '$&$&')
    return true
  }
  return false
}

// `proxyRes.headers['x-name']`.
function fieldOf(node: unknown): string | undefined {
  if (
    !isSyntax(node) ||
    node.type !== 'MemberExpression' ||
    nameOf(node.object) !== 'headers' ||
    !isSyntax(node.property)
  )
    return undefined
  const name = node.computed === true ? literalOf(node.property) : nameOf(node.property)
  return name?.toLowerCase()
}

function literalOf(node: Syntax): string | undefined {
  return node.type === 'Literal' && ['string', 'number'].includes(typeof node.value)
    ? String(node.value)
    : undefined
}

/** The changes as `transform`; nothing where there are none. */
export function transformOf({ request, response }: HandlerChanges): Options {
  const headersOf = ({ set, remove }: HandlerChanges['request']): Options | undefined => {
    const headers = {
      ...(remove.length > 0 ? { remove: [...new Set(remove)] } : {}),
      ...(Object.keys(set).length > 0 ? { set } : {})
    }
    return Object.keys(headers).length > 0 ? { headers } : undefined
  }
  const [before, after] = [headersOf(request), headersOf(response)]
  return {
    ...(before === undefined ? {} : { request: before }),
    ...(after === undefined ? {} : { response: after })
  }
}
