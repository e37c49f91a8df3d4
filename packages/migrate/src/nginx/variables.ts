/** The text of a template, or the variable that has no counterpart. */
export type Translated = { readonly text: string } | { readonly unknown: string }

const PLAIN: Readonly<Record<string, string>> = {
  remote_addr: '{client}',
  binary_remote_addr: '{client}',
  realip_remote_addr: '{client}',
  host: '{host}',
  request_id: '{requestId}',
  request_method: '{method}',
  uri: '{path}',
  document_uri: '{path}',
  remote_user: '{identity.subject}'
}

const VARIABLE = /\$(?:\{(\w+)\}|(\w+))/g

/** A text with the variables that `set` has made constant put in. */
export function withConstants(text: string, constants: ReadonlyMap<string, string>): string {
  let result = text
  // A constant may be made of others; a few rounds are enough, and a circle ends.
  for (let round = 0; round < 5; round++)
    result = result.replace(VARIABLE, (whole, braced, bare) => constants.get(braced ?? bare) ?? whole)
  return result
}

/** Whether a text has variables. */
export function hasVariables(text: string): boolean {
  return /\$[\w{]/.test(text)
}

/** A value of nginx as a template of header fields. */
export function templateOf(text: string, constants: ReadonlyMap<string, string>): Translated {
  const value = withConstants(text, constants)
  let unknown: string | undefined
  let result = ''
  let at = 0
  for (const match of value.matchAll(VARIABLE)) {
    const name = match[1] ?? match[2] ?? ''
    const template = PLAIN[name] ?? prefixed(name)
    if (template === undefined) unknown ??= `$${name}`
    // Without a value, a variable alone is no field; beside others it is empty.
    const shown = match[0] === value ? template : template?.replace(/\}$/, '|}')
    result += literal(value.slice(at, match.index)) + shown
    at = match.index + match[0].length
  }
  return unknown === undefined ? { text: result + literal(value.slice(at)) } : { unknown }
}

/** A text that stands for itself in a template. */
function literal(text: string): string {
  return text.replaceAll('{', '{{').replaceAll('}', '}}')
}

function prefixed(name: string): string | undefined {
  if (name.startsWith('http_')) return `{headers.${headerOf(name.slice(5))}}`
  if (name.startsWith('cookie_')) return `{cookies.${name.slice(7)}}`
  if (name.startsWith('arg_')) return `{query.${name.slice(4)}}`
  return undefined
}

/** `x_user_id` of `$http_x_user_id` as the name of a field. */
export function headerOf(name: string): string {
  return name.replaceAll('_', '-').toLowerCase()
}
