import { createTrust, type Exchange, type Identity } from '@gatewright/core'
import type { AuthorizeRule } from '../config/config.js'
import type { AuthorizeFunction, ClaimCondition } from './condition.js'
import { valueAt } from './value-at.js'

/** A part of a rule: whether it holds. `identity` is `null` where nobody was identified. */
interface Condition {
  /** In words, for the log. */
  readonly text: string
  holds(exchange: Exchange, identity: Identity | null): boolean
}

/** A rule, made ready. */
export interface Rule {
  readonly conditions: readonly Condition[]
  readonly check: AuthorizeFunction | null
}

/** Whether a rule can hold only for somebody who is identified. */
export function needsIdentity(rule: AuthorizeRule): boolean {
  return OF_IDENTITY.some((name) => rule[name] !== undefined)
}

const OF_IDENTITY = ['scopes', 'roles', 'consumers', 'subjects', 'schemes', 'claims', 'metadata'] as const

/** Makes a rule that has been checked ready. */
export function ruleOf(rule: AuthorizeRule): Rule {
  return { conditions: [...conditionsOf(rule)], check: rule.check ?? null }
}

function* conditionsOf(rule: AuthorizeRule): Iterable<Condition> {
  const { methods, clients, scopes, roles, consumers, subjects, schemes, claims = {}, metadata = {} } = rule
  if (methods !== undefined) {
    // As for routes: who may GET may HEAD.
    const known = new Set<string>(methods)
    if (known.has('GET')) known.add('HEAD')
    yield { text: `method ${methods.join(' or ')}`, holds: ({ method }) => known.has(method) }
  }
  if (clients !== undefined) {
    const range = createTrust(clients)
    yield { text: `client in ${clients.join(' or ')}`, holds: ({ ingress }) => range.trusts(ingress.client) }
  }
  if (scopes !== undefined)
    yield ofIdentity(`scopes ${scopes.join(' and ')}`, (identity) =>
      scopes.every((scope) => identity.scopes.includes(scope))
    )
  if (roles !== undefined)
    yield ofIdentity(`role ${roles.join(' or ')}`, (identity) =>
      roles.some((role) => identity.roles.includes(role))
    )
  for (const [what, names] of Object.entries({ consumer: consumers, subject: subjects, scheme: schemes }))
    if (names !== undefined)
      yield ofIdentity(`${what} ${names.join(' or ')}`, (identity) =>
        names.includes(identity[what as 'subject'] as string)
      )
  for (const [from, wanted] of Object.entries({ claims, metadata }))
    for (const [path, condition] of Object.entries(wanted as Readonly<Record<string, ClaimCondition>>))
      yield ofIdentity(`${from === 'claims' ? 'claim' : from} ${path}`, (identity) =>
        meets(valueAt(identity[from as 'claims'], path), condition)
      )
}

function ofIdentity(text: string, holds: (identity: Identity) => boolean): Condition {
  return { text, holds: (_exchange, identity) => identity !== null && holds(identity) }
}

function meets(value: unknown, condition: ClaimCondition): boolean {
  const wanted: readonly unknown[] = isList(condition) ? condition : [condition]
  return Array.isArray(value) ? value.some((one) => wanted.includes(one)) : wanted.includes(value)
}

function isList(condition: ClaimCondition): condition is readonly (string | number | boolean)[] {
  return Array.isArray(condition)
}
