import type { Draft, Options } from '../draft.js'
import { escaped } from '../nginx/patterns.js'
import type { Tree } from '../tree/tree.js'
import type { Schemas } from './schemas.js'

/** The path of a route for one of OpenAPI. */
export function routePath(path: string): string {
  const steps = path.split('/')
  const isPlain = steps.every((step) => /^\{[^{}]+\}$/.test(step) || !/[{}]/.test(step))
  const names = new Set<string>()
  const unique = (name: string): string => {
    let free = name
    for (let number = 2; names.has(free); number++) free = `${name}_${number}`
    names.add(free)
    return free
  }
  if (isPlain)
    return (
      steps
        .map((step) =>
          step.startsWith('{')
            ? `:${unique(paramName(step.slice(1, -1)))}`
            : encodeURI(step).replaceAll(':', '%3A').replaceAll('*', '%2A')
        )
        .join('/') || '/'
    )
  const source = path.split(/(\{[^{}]+\})/).map((part) => (part.startsWith('{') ? '[^/]+' : escaped(part)))
  return `~^${source.join('')}$`
}

function paramName(name: string): string {
  return name.replaceAll(/\W/g, '_')
}

/** A parameter or body, with references followed. */
export type Follow = (tree: Tree) => Tree

/** What the parameters and the body of an operation must be, as `validation`. */
export function validationOf(
  operation: Tree,
  shared: Tree | undefined,
  follow: Follow,
  schemas: Schemas,
  draft: Draft
): Options | undefined {
  const validation: Options = {}
  const parameters = new Map<string, Tree>()
  for (const each of [...(shared?.items ?? []), ...(operation.get('parameters')?.items ?? [])]) {
    const parameter = follow(each)
    parameters.set(`${parameter.get('in')?.text} ${parameter.get('name')?.text}`, parameter)
  }
  for (const [where, key] of [
    ['query', 'query'],
    ['header', 'headers'],
    ['path', 'params']
  ] as const) {
    const found = [...parameters.values()].filter((parameter) => parameter.get('in')?.text === where)
    const schema = objectOf(found, where, schemas, draft)
    if (schema !== undefined) validation[key] = schema
  }
  for (const [key, parameter] of parameters) {
    const where = key.split(' ')[0]
    if (where === 'cookie' || where === 'formData')
      draft.note('left-out', parameter.place, key, 'only query, headers, path and JSON bodies are validated')
    if (where === 'body')
      Object.assign(validation, bodyOf(parameter.get('schema'), parameter, true, schemas, draft))
  }
  const given = operation.get('requestBody')
  if (given !== undefined) {
    const body = follow(given)
    const content = body.get('content')
    const types = content?.fields ?? []
    const json = types.find(([type]) => /^application\/(.*\+)?json\b/.test(type))?.[1]
    if (json === undefined)
      draft.note('left-out', body.place, 'requestBody', 'only JSON bodies are validated')
    else Object.assign(validation, bodyOf(json.get('schema'), body, types.length === 1, schemas, draft))
  }
  return Object.keys(validation).length > 0 ? validation : undefined
}

function bodyOf(
  schema: Tree | undefined,
  body: Tree,
  isOnly: boolean,
  schemas: Schemas,
  draft: Draft
): Options {
  if (schema === undefined) return {}
  const own = schemas.own(schema.data)
  schema.readAll()
  if (own === undefined) {
    draft.note(
      'left-out',
      schema.place,
      'schema',
      `'${schemas.unresolved}' was not found: the body is not validated`
    )
    return {}
  }
  const isRequired = body.get('required')?.isTrue === true
  return {
    body: own,
    ...(isRequired ? {} : { bodyRequired: false }),
    ...(isOnly ? {} : { otherMediaTypes: 'pass' })
  }
}

function objectOf(
  parameters: readonly Tree[],
  where: string,
  schemas: Schemas,
  draft: Draft
): Options | undefined {
  const properties: Record<string, unknown> = {}
  const required: string[] = []
  for (const parameter of parameters) {
    const given = parameter.get('name')?.text ?? ''
    const name = where === 'header' ? given.toLowerCase() : where === 'path' ? paramName(given) : given
    // OpenAPI says that these are not parameters.
    if (where === 'header' && ['accept', 'content-type', 'authorization'].includes(name)) continue
    const style = parameter.get('style')?.text
    const isPlain = style === undefined || style === 'form' || style === 'simple'
    const data = parameter.get('schema')?.data ?? plainSchema(parameter.data)
    const type = (data as Options | undefined)?.type
    parameter.readAll()
    const isSpread =
      parameter.get('explode')?.text !== 'false' && parameter.get('collectionFormat')?.text === undefined
    const own =
      isPlain && type !== 'object' && !(type === 'array' && (where !== 'query' || !isSpread))
        ? schemas.own(data ?? {})
        : undefined
    if (own === undefined)
      draft.note('left-out', parameter.place, given, 'how it is written is not validated')
    // Definitions of one parameter are not those of another.
    else properties[name] = own.$defs === undefined ? own : {}
    if (parameter.get('required')?.isTrue === true) required.push(name)
  }
  if (Object.keys(properties).length === 0 && required.length === 0) return undefined
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}

// Swagger 2.0 has the schema in the parameter itself.
function plainSchema(data: unknown): Options {
  const known = [
    'type',
    'enum',
    'pattern',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'minLength',
    'maxLength',
    'items',
    'minItems',
    'maxItems',
    'format',
    'multipleOf',
    'uniqueItems'
  ]
  return Object.fromEntries(
    Object.entries((data as Options | null) ?? {}).filter(([key]) => known.includes(key))
  )
}
