import type { FieldChange, RequestDecision } from '../filter.js'
import { InvalidDecisionError } from '../invalid-decision.js'
import { fromStruct } from '../wire/struct.js'
import type { CheckResponseValue, HeaderOptionValue } from './messages.js'
import { queryText } from './query-text.js'

const ACTIONS: readonly FieldChange['how'][] = ['append', 'add-if-absent', 'set', 'set-if-present']

/**
 * What the service says, as a decision: status OK lets the request pass, any other denies it, whatever else is said; but with
 * `error_response` the service says that it cannot decide, and an error is thrown. Throws an {@link InvalidDecisionError} for
 * an action that nobody knows: what was meant must not be guessed.
 */
export function decisionOf(response: CheckResponseValue): RequestDecision {
  const { status, okResponse, errorResponse } = response
  const struct = okResponse?.dynamicMetadata ?? response.dynamicMetadata
  const metadata = struct === undefined ? {} : { metadata: fromStruct(struct) }
  const code = status?.code ?? 0
  if (code !== 0) {
    if (errorResponse !== undefined)
      throw new Error(
        `the service has failed: status ${code}, error response ${errorResponse.status?.code ?? 0}`
      )
    return { answer: denialOf(response), ...metadata }
  }
  if (okResponse === undefined) return metadata
  const query: Record<string, string | null> = Object.create(null) as Record<string, string | null>
  for (const { key, value } of okResponse.queryParametersToSet) query[queryText(key)] = queryText(value)
  for (const key of okResponse.queryParametersToRemove) query[queryText(key)] = null
  return {
    headers: [
      ...okResponse.headers.map((one) => changeOf(one, 'set')),
      ...okResponse.headersToRemove.flatMap(removalOf)
    ],
    responseHeaders: okResponse.responseHeadersToAdd.map((one) => changeOf(one, 'append')),
    ...(Object.keys(query).length === 0 ? {} : { query }),
    ...metadata
  }
}

// As Envoy has it, a name that comes several times is sent several times: the first takes the place of what was there.
function denialOf({ deniedResponse }: CheckResponseValue): NonNullable<RequestDecision['answer']> {
  const { status, headers = [], body = '' } = deniedResponse ?? {}
  const names = new Set<string>()
  const changes = headers.map((one) => {
    const change = changeOf(one, 'set')
    const name = change.name.toLowerCase()
    const isAnother = names.has(name)
    names.add(name)
    return isAnother && change.how === 'set' ? ({ ...change, how: 'append' } as const) : change
  })
  return { status: status?.code || 403, headers: changes, body, denies: true }
}

// The zero of `append_action` cannot be told from none, for which each list has a default of its own.
function changeOf(option: HeaderOptionValue, unsaid: FieldChange['how']): FieldChange {
  const { header, append, appendAction } = option
  const how = append !== undefined ? (append.value ? 'append' : 'set') : ACTIONS[appendAction]
  if (how === undefined)
    throw new InvalidDecisionError(`has append_action ${appendAction}, which is not known`)
  const { key = '', value = '', rawValue } = header ?? {}
  return {
    name: key,
    value: value === '' && rawValue !== undefined ? textOf(key, rawValue) : value,
    how: append === undefined && appendAction === 0 ? unsaid : how
  }
}

function textOf(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new InvalidDecisionError(`has a raw_value for '${name.slice(0, 60)}' that is not UTF-8`)
  }
}

// As Envoy has it, these are passed by.
function removalOf(name: string): FieldChange[] {
  return name.startsWith(':') || name.toLowerCase() === 'host' ? [] : [{ name, value: '', how: 'remove' }]
}
