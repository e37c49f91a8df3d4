import { checkCidr, checkMethod } from '@gatewright/core'
import type { AuthorizeConfig, AuthorizeOptions, AuthorizeRule } from '../config/config.js'

/** Yields the problems of `authorize` that the schema cannot see. */
export function* checkAuthorize(config: AuthorizeConfig, at: string): Iterable<string> {
  if (config === false) return
  const { mode: _mode, any, ...rule } = config as AuthorizeOptions
  if (any === undefined || Object.keys(rule).length > 0) yield* checkRule(rule, at)
  for (const [index, one] of (any ?? []).entries()) yield* checkRule(one, `${at}.any[${index}]`)
}

function* checkRule(rule: AuthorizeRule, at: string): Iterable<string> {
  if (Object.values(rule).every((value) => value === undefined || isEmpty(value)))
    yield `${at}: allows everybody; give a rule such as 'roles', or leave it out`
  for (const method of rule.methods ?? []) yield* checkMethod(method, `${at}.methods`)
  for (const [index, range] of (rule.clients ?? []).entries()) {
    const problem = checkCidr(range)
    if (problem !== undefined) yield `${at}.clients[${index}]: ${problem}`
  }
  if (rule.check !== undefined && typeof rule.check !== 'function') yield `${at}.check: must be a function`
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
