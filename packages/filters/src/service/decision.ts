import type { FieldChange, HeaderChanges, RequestDecision } from '../filter.js'
import { InvalidDecisionError } from '../invalid-decision.js'
import { fromStruct, toStruct } from '../wire/struct.js'
import type { DecisionValue, HeaderChangeValue } from './messages.js'

const HOW: readonly FieldChange['how'][] = ['set', 'append', 'add-if-absent', 'set-if-present', 'remove']

/** What a service says, as a decision. Throws for a change of a kind that nobody knows. */
export function decisionOf({
  answer,
  headers,
  responseHeaders = [],
  query = [],
  metadata
}: DecisionValue): RequestDecision {
  const noted = metadata === undefined ? {} : { metadata: fromStruct(metadata) }
  if (answer !== undefined)
    return {
      answer: { status: answer.status, headers: answer.headers.map(changeOf), body: answer.body },
      ...noted
    }
  const parameters: Record<string, string | null> = Object.create(null) as Record<string, string | null>
  for (const { name, value } of query) parameters[name] = value ?? null
  return {
    headers: headers.map(changeOf),
    responseHeaders: responseHeaders.map(changeOf),
    ...(query.length === 0 ? {} : { query: parameters }),
    ...noted
  }
}

function changeOf({ name, value, how }: HeaderChangeValue): FieldChange {
  const known = HOW[how]
  if (known === undefined) throw new InvalidDecisionError(`has a change of kind ${how}, which is not known`)
  return { name, value, how: known }
}

/** The other way round, for whoever serves. */
export function messageOf({
  answer,
  headers,
  responseHeaders,
  query = {},
  metadata
}: RequestDecision): DecisionValue {
  return {
    ...(answer === undefined
      ? {}
      : {
          answer: {
            status: answer.status,
            headers: changesIn(answer.headers),
            body: Buffer.from(answer.body ?? '')
          }
        }),
    headers: changesIn(headers),
    responseHeaders: changesIn(responseHeaders),
    query: Object.entries(query).map(([name, value]) => (value === null ? { name } : { name, value })),
    ...(metadata === undefined ? {} : { metadata: toStruct(metadata) })
  }
}

function changesIn(changes: HeaderChanges | undefined): HeaderChangeValue[] {
  if (changes === undefined) return []
  if (Array.isArray(changes))
    return (changes as readonly FieldChange[]).map(({ name, value, how }) => ({
      name,
      value,
      how: HOW.indexOf(how)
    }))
  return Object.entries(changes as Readonly<Record<string, string | null>>).map(([name, value]) => ({
    name,
    value: value ?? '',
    how: value === null ? HOW.indexOf('remove') : 0
  }))
}
