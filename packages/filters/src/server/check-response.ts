import { CheckResponse } from '../ext-authz/messages.js'
import type { FieldChange, HeaderChanges, RequestDecision } from '../filter.js'
import { encode } from '../wire/encode.js'
import { toStruct } from '../wire/struct.js'

const PERMISSION_DENIED = 7
const ACTIONS = { append: 0, 'add-if-absent': 1, set: 2, 'set-if-present': 3 } as const

/** A decision as a `CheckResponse`, in bytes. */
export function checkResponse(decision: RequestDecision): Buffer {
  return encode(CheckResponse, responseOf(decision))
}

function responseOf({ answer, headers, responseHeaders, query = {}, metadata }: RequestDecision): object {
  const dynamicMetadata = metadata === undefined ? undefined : toStruct(metadata)
  if (answer !== undefined) {
    const body = answer.body ?? ''
    return {
      status: { code: PERMISSION_DENIED },
      deniedResponse: {
        status: { code: answer.status },
        headers: optionsOf(answer.headers),
        body: typeof body === 'string' ? body : Buffer.from(body).toString('utf8')
      },
      dynamicMetadata
    }
  }
  const parameters = Object.entries(query)
  return {
    status: { code: 0 },
    okResponse: {
      headers: optionsOf(headers),
      headersToRemove: listOf(headers).flatMap(({ name, how }) => (how === 'remove' ? [name] : [])),
      responseHeadersToAdd: optionsOf(responseHeaders),
      queryParametersToSet: parameters.flatMap(([key, value]) => (value === null ? [] : [{ key, value }])),
      queryParametersToRemove: parameters.flatMap(([key, value]) => (value === null ? [key] : []))
    },
    dynamicMetadata
  }
}

function optionsOf(changes: HeaderChanges | undefined): object[] {
  return listOf(changes).flatMap(({ name: key, value, how }) => {
    if (how === 'remove') return []
    const header = { key, value }
    // The zero of `append_action` reads as none, so appending is said by the older field.
    return [how === 'append' ? { header, append: { value: true } } : { header, appendAction: ACTIONS[how] }]
  })
}

function listOf(changes: HeaderChanges | undefined): readonly FieldChange[] {
  if (changes === undefined) return []
  if (Array.isArray(changes)) return changes as readonly FieldChange[]
  return Object.entries(changes as Readonly<Record<string, string | null>>).map(([name, value]) => ({
    name,
    value: value ?? '',
    how: value === null ? 'remove' : 'set'
  }))
}
