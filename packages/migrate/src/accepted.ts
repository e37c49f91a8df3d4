import type { GatewayServerConfig } from '@gatewright/gateway'
import { CLOSED, type Options } from './draft.js'
import type { Migration, MigrationNote, Place } from './migration.js'

/** How often a configuration is tried: each time, what is refused is taken out. */
const TRIES = 50

/** What of a route says which requests it is for. */
const CONDITIONS = ['id', 'host', 'path', 'methods', 'headers', 'query', 'caseSensitive', 'trailingSlash']

/**
 * A migration whose configuration a gateway takes. A route that is refused for what it does is closed; one that is
 * refused for what it matches, or a pool that nothing may have, is taken out. Both are told, by the line they are from.
 */
export async function accepted(migration: Migration): Promise<Migration> {
  const routes = (migration.config.routes ?? []).map((route, index) => ({
    options: route as unknown as Options,
    place: migration.routePlaces[index] as Place
  }))
  const notes: MigrationNote[] = [...migration.notes]
  const others = { ...migration.config } as Options
  for (let tries = 0; tries < TRIES; tries++) {
    const config = {
      ...others,
      routes: routes.map(({ options }) => options)
    } as unknown as GatewayServerConfig
    const problems = await problemsOf(config)
    if (problems.length === 0)
      return {
        config,
        notes: [...notes].sort((a, b) => (a.file === b.file ? a.line - b.line : 0)),
        routePlaces: routes.map(({ place }) => place)
      }
    let isMended = false
    const later = laterOfTwo(problems)
    for (const [index, why] of later) {
      const route = routes[index]
      if (route === undefined) continue
      isMended = true
      routes.splice(index, 1)
      notes.push({
        ...route.place,
        kind: 'left-out',
        what: String(route.options.path),
        message: `the route is left out: ${why}`
      })
    }
    // What is left is looked at again, as the numbers of routes are others.
    if (later.length > 0) continue
    for (const index of indexes(problems).reverse()) {
      const route = routes[index]
      const problem = problems.find((text) => text.startsWith(`routes[${index}]`)) ?? ''
      if (route === undefined) continue
      isMended = true
      const what = String(route.options.path)
      const those = problems.filter((text) => text.startsWith(`routes[${index}]`))
      if (
        route.options.validation !== undefined &&
        those.every((text) => text.startsWith(`routes[${index}].validation`))
      ) {
        const { validation: _, ...rest } = route.options
        routes[index] = { ...route, options: rest }
        notes.push({ ...route.place, kind: 'left-out', what, message: `it is not validated: ${problem}` })
        continue
      }
      if (route.options.respond === CLOSED.respond) {
        routes.splice(index, 1)
        notes.push({ ...route.place, kind: 'left-out', what, message: `the route is left out: ${problem}` })
        continue
      }
      const kept = Object.entries(route.options).filter(([key]) => CONDITIONS.includes(key))
      routes[index] = { ...route, options: { ...Object.fromEntries(kept), ...CLOSED } }
      notes.push({
        ...route.place,
        kind: 'closed',
        what,
        message: `the gateway refuses what the route does: ${problem}`
      })
    }
    if (!isMended) throw new Error(`what was translated is no configuration:\n${problems.join('\n')}`)
  }
  throw new Error('what was translated is no configuration')
}

// Of two routes for the same requests the one that stands first is kept, as where they come from.
function laterOfTwo(problems: readonly string[]): readonly (readonly [number, string])[] {
  const found = new Map<number, string>()
  for (const problem of problems) {
    const both = /^routes\[(\d+)\].* and routes\[(\d+)\].* match the same requests/.exec(problem)
    const hidden = /^routes\[(\d+)\].* can never match/.exec(problem)
    if (both !== null)
      found.set(Math.max(Number(both[1]), Number(both[2])), 'an earlier one takes the same requests')
    else if (hidden !== null) found.set(Number(hidden[1]), 'others take all its requests')
  }
  return [...found].sort(([a], [b]) => b - a)
}

function indexes(problems: readonly string[]): number[] {
  const found = problems.flatMap((problem) => /^routes\[(\d+)\]/.exec(problem)?.[1] ?? [])
  return [...new Set(found.map(Number))].sort((a, b) => a - b)
}

async function problemsOf(config: GatewayServerConfig): Promise<readonly string[]> {
  // Loaded for a configuration alone: whoever asks for the names of formats does not wait for it.
  const { createGateway } = await import('@gatewright/gateway')
  const gateway = createGateway({ logger: false, accessLog: false })
  await gateway.ready()
  try {
    await gateway.apply(config, { dryRun: true, onRestartKeys: 'keep' })
    return []
  } catch (error) {
    const { problems } = error as { readonly problems?: readonly string[] }
    if (problems === undefined) throw error
    return problems
  } finally {
    await gateway.close()
  }
}
