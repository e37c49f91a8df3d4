import { type Gateway, type Snapshot, settingIn } from '@gatewright/core'
import { ConsumerTable } from './consumers.js'
import type { NextKept } from './kept.js'
import { authenticationKey } from './keys.js'
import type { Scheme, SchemeContext, SchemeKind } from './scheme.js'
import { kindOf } from './scheme-kinds.js'

/** Makes the schemes of the next configuration, by name; a promise where one has to load a library. */
export function createSchemes(
  gateway: Gateway,
  next: Snapshot,
  kept: NextKept,
  problems: string[]
): ReadonlyMap<string, Scheme> | Promise<ReadonlyMap<string, Scheme>> {
  const { schemes = {}, consumers, realm = 'gateway' } = settingIn(authenticationKey, next.config)
  const table = new ConsumerTable(consumers)
  const made = Object.entries(schemes).map(([name, config]): [string, Scheme | Promise<Scheme>] => {
    const context: SchemeContext = {
      name,
      gateway,
      next,
      realm,
      problems,
      at: `authentication.schemes.${name}`,
      identify: (found) => table.identify(name, found),
      keep: (part, create) => kept.keep(`${config.type} ${name} ${part}`, create)
    }
    return [name, (kindOf(config) as SchemeKind).create(config, context)]
  })
  if (made.every(([, scheme]) => !(scheme instanceof Promise))) return new Map(made as [string, Scheme][])
  return Promise.all(made.map(async ([name, scheme]) => [name, await scheme] as const)).then(
    (all) => new Map(all)
  )
}
