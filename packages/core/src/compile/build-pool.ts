import type { PoolConfig } from '../config/config.js'
import { invalidConfig } from '../config/config-problems.js'
import { copyConfig, sameConfig } from '../config/same-config.js'
import type { BalancingPolicy, BalancingPolicyType } from '../model/balancing.js'
import { toldError } from '../model/plugin-fault.js'
import { Pool } from '../model/pool.js'
import { resolvePool } from '../model/settings.js'
import type { CompileContext } from './compile-context.js'
import { isOwn, isPolicy, type PolicyTypes, suppliedBy } from './pool-checks.js'

/** Compiles a pool. One that stays as it is stays the same object; one that changes keeps what both have. */
export function buildPool(id: string, config: PoolConfig, context: CompileContext): Pool {
  const previous = context.previous?.pools.get(id) ?? null
  if (previous !== null && sameConfig(previous.source, config)) return previous
  const copy = copyConfig(config) as PoolConfig
  // A policy instance is compared by identity: its state is not configuration.
  const source = isPolicy(config.balancing) ? { ...copy, balancing: config.balancing } : copy
  const known = previous ?? new Pool(id, [], NO_POLICY, resolvePool(config))
  const keepsPolicy =
    previous !== null && sameConfig((previous.source as PoolConfig).balancing, config.balancing)
  const policy = keepsPolicy ? previous.policy : buildPolicy(id, config.balancing, context)
  const endpoints = known.resolve(config.endpoints ?? [])
  const supplied = suppliedBy(config, context.keys)
  const origin = { checksPicks: isOwn(config.balancing), supplied, previous, source }
  return new Pool(id, endpoints, policy, resolvePool(config), config, origin)
}

const NO_POLICY: BalancingPolicy = { pick: ([first]) => first }

function buildPolicy(
  poolId: string,
  config: PoolConfig['balancing'],
  { types, balancing }: CompileContext
): BalancingPolicy {
  if (isPolicy(config)) return config
  const { type: name, ...options } =
    typeof config === 'object' ? config : { type: config ?? defaultPolicy(types) }
  const type = types.get(name) as BalancingPolicyType
  let policy: unknown
  try {
    policy = type.create(options as never, { ...balancing, poolId })
  } catch (error) {
    throw invalidConfig([`pools.${poolId}.balancing: create of '${name}' threw ${toldError(error)}`])
  }
  if (isPolicy(policy)) return policy
  throw invalidConfig([`pools.${poolId}.balancing: create of '${name}' must return an object with 'pick'`])
}

// Core alone knows `first`; the balancing plugin brings the others.
function defaultPolicy(types: PolicyTypes): string {
  return types.has('p2c') ? 'p2c' : 'first'
}
