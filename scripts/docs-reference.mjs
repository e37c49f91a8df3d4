// Writes docs/configuration.md from the schemas, a table for each object. With --check it only says if the page is stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { composeSchemas } from './fragments.mjs'

const root = new URL('../', import.meta.url)
const page = new URL('docs/configuration.md', root)

const INTRO = `# Configuration

<!-- Written by scripts/docs-reference.mjs from the schemas. Edit the descriptions there. -->

Every key of a configuration: of an object in code, or of one that your program has parsed from JSON or YAML (\`createGateway(JSON.parse(text))\`). Wrong input stops the start, and *all* its problems are told at once, each with its path.

- **duration**: a number and a unit, \`'250ms'\`, \`'3s'\`, \`'5m'\`, \`'1h'\`. Each has a least and a most; outside of them the gateway does not start.
- **size**: a number and a unit, \`'512B'\`, \`'64KiB'\`, \`'1MiB'\`, \`'1GiB'\`.
- **Precedence** of route options: defaults, then the policies of \`use\` from left to right, then the route itself.
- \`<name>\` in a path stands for a name that you choose.`

const { config, native, server } = await composeSchemas()

const text = render([
  {
    title: 'The gateway',
    path: '',
    schema: config,
    intro: 'The top level, for the plugin and `createGateway` alike.'
  },
  {
    title: 'The server',
    path: '',
    schema: server,
    intro: 'More keys of the top level, for `createGateway`.'
  },
  {
    title: 'A native route',
    path: 'config.gateway',
    schema: native,
    intro: 'What a Fastify route of yours may carry in `config.gateway`.'
  }
])

if (!process.argv.includes('--check')) writeFileSync(page, text)
else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  console.error('docs/configuration.md is stale: run `node scripts/docs-reference.mjs`')
  process.exitCode = 1
}

/** The page: the given objects, each followed by the objects below it that have not been described yet. */
function render(parts) {
  const sections = new Map()
  for (const part of parts) collect(part.schema, part.path, sections, part)
  nameAlternatives([...sections.values()])
  return `${[INTRO, ...[...sections.values()].map((section) => renderSection(section, sections))].join('\n\n')}\n`
}

/** Finds every object with keys of its own. The same object in several places is one section with several paths. */
function collect(schema, path, sections, part) {
  if (schema.properties !== undefined) {
    const known = sections.get(identity(schema))
    if (known !== undefined) {
      known.paths.push(path)
      return
    }
    sections.set(identity(schema), { schema, paths: [path], part })
    for (const [key, property] of Object.entries(schema.properties))
      collect(property, path === '' ? key : `${path}.${key}`, sections)
  } else if (schema.items !== undefined) collect(schema.items, `${path}[]`, sections)
  else if (schema.patternProperties !== undefined)
    for (const value of Object.values(schema.patternProperties)) collect(value, `${path}.<name>`, sections)
  else for (const option of schema.anyOf ?? []) collect(option, path, sections)
}

/** Objects that may stand in one place are told apart by the key that each requires, else by the names of their types. */
function nameAlternatives(sections) {
  for (const section of sections) {
    const [path] = section.paths
    const alone = sections.every((other) => other === section || other.paths[0] !== path)
    section.title =
      section.part?.title ?? `\`${path}\`${alone ? '' : ` with \`${differenceOf(section.schema)}\``}`
  }
}

function differenceOf({ properties, required: [first] = [], title }) {
  if (first === undefined) return title
  return properties[first].const === undefined ? first : `${first}: '${properties[first].const}'`
}

function renderSection(section, sections) {
  const { schema, paths, part, title } = section
  const rows = Object.entries(schema.properties).map(([key, property]) => {
    const required = schema.required?.includes(key) ? ' (required)' : ''
    return `| \`${key}\`${required} | ${typeOf(property, sections)} | ${cell(property.description ?? '')} |`
  })
  const also = paths.slice(1).map((path) => `\`${path}\``)
  return [
    `${part === undefined ? '###' : '##'} ${title}`,
    ...(part === undefined ? [schema.description ?? ''].filter(Boolean) : [part.intro]),
    ...(also.length > 0 ? [`The same in ${also.join(', ')}.`] : []),
    ['| Key | Type | Meaning |', '| --- | --- | --- |', ...rows].join('\n')
  ].join('\n\n')
}

function typeOf(schema, sections) {
  if (schema.const !== undefined)
    return `\`${typeof schema.const === 'string' ? `'${schema.const}'` : schema.const}\``
  if (schema.anyOf !== undefined) return schema.anyOf.map((option) => typeOf(option, sections)).join(' or ')
  if (schema.properties !== undefined) {
    return `[object](#${anchorOf(sections.get(identity(schema)).title)})`
  }
  if (schema.items !== undefined) return `list of ${typeOf(schema.items, sections)}`
  if (schema.patternProperties !== undefined)
    return `map of ${Object.values(schema.patternProperties).map((value) => typeOf(value, sections))}`
  if (schema.pattern?.includes('(ms|')) return 'duration'
  if (schema.pattern?.includes('KiB')) return 'size'
  if (schema.type === 'integer') return `integer${rangeOf(schema)}`
  return schema.type ?? '–'
}

function rangeOf({ minimum, maximum }) {
  if (minimum === undefined && maximum === undefined) return ''
  if (maximum === undefined) return `, ${minimum} or more`
  return `, ${minimum ?? '…'} to ${maximum}`
}

// As GitHub makes it from a heading.
function anchorOf(title) {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')
}

// A table cell: no bar may end it early, and outside code no '<' or '*' is markup.
function cell(description) {
  return description
    .split('`')
    .map((piece, index) => (index % 2 === 0 ? piece.replaceAll(/[<*]/g, '\\$&') : piece))
    .join('`')
    .replaceAll('|', '\\|')
}

function identity(schema) {
  return JSON.stringify(schema)
}
