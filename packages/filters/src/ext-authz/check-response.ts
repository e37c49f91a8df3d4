import type { FieldChange, RequestDecision } from '../filter.js'
import { fromStruct } from '../wire/struct.js'
import type { CheckResponseValue, HeaderOptionValue } from './messages.js'

const ACTIONS: readonly FieldChange['how'][] = ['append', 'add-if-absent', 'set', 'set-if-present']

/**
 * What the service says, as a decision. Any status but OK denies, whatever else it says. Throws for an action that nobody
 * knows: what was meant must not be guessed.
 */
export function decisionOf(response: CheckResponseValue): RequestDecision {
  const { status, okResponse, deniedResponse } = response
  const struct = okResponse?.dynamicMetadata ?? response.dynamicMetadata
  const metadata = struct === undefined ? {} : { metadata: fromStruct(struct) }
  if ((status?.code ?? 0) !== 0) {
    const { status: denied, headers = [], body = '' } = deniedResponse ?? {}
    const code = denied?.code ?? 0
    return {
      answer: {
        status: code === 0 ? 403 : code,
        headers: headers.map((one) => changeOf(one, 'set')),
        body,
        denies: true
      },
      ...metadata
    }
  }
  if (okResponse === undefined) return metadata
  const query: Record<string, string | null> = Object.create(null) as Record<string, string | null>
  for (const { key, value } of okResponse.queryParametersToSet) query[key] = value
  for (const key of okResponse.queryParametersToRemove) query[key] = null
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

// The zero of `append_action` cannot be told from none, for which each list has a default of its own.
function changeOf(option: HeaderOptionValue, unsaid: FieldChange['how']): FieldChange {
  const { header, append, appendAction } = option
  const how = append !== undefined ? (append.value ? 'append' : 'set') : ACTIONS[appendAction]
  if (how === undefined) throw new TypeError(`append_action ${appendAction} is not known`)
  const { key = '', value = '', rawValue } = header ?? {}
  return {
    name: key,
    value: value === '' && rawValue !== undefined ? Buffer.from(rawValue).toString('utf8') : value,
    how: append === undefined && appendAction === 0 ? unsaid : how
  }
}

// As Envoy has it, these are passed by.
function removalOf(name: string): FieldChange[] {
  return name.startsWith(':') || name.toLowerCase() === 'host' ? [] : [{ name, value: '', how: 'remove' }]
}
