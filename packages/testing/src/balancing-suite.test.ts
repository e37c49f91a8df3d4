import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BalancingPolicy, Candidates } from '@gatewright/core'
import { balancingContract, balancingSuite, type CreatePolicy, type PolicyKind } from './balancing-suite.js'

const turns: CreatePolicy = () => {
  let turn = 0
  return { pick: (all) => all[turn++ % all.length] ?? all[0] }
}
const byClient: CreatePolicy = () => ({
  pick: (all, { ingress }) => all[Number(ingress.client.split('.').at(-1)) % all.length] ?? all[0]
})

balancingSuite('by turns', turns)
balancingSuite('by client', byClient, 'keyed')
balancingSuite('the first', () => ({ pick: ([first]) => first }), 'any')

const broken: Record<string, [broken: CreatePolicy, kind: PolicyKind]> = {
  'picks one of the candidates, whatever their weights and load': [
    () => ({ pick: (all) => all.find((e) => e.inFlight === 0) as never }),
    'any'
  ],
  'picks the only candidate': [() => ({ pick: ([, second]) => second as never }), 'any'],
  'changes neither the list nor the endpoints': [
    () => ({ pick: (all) => (all as unknown as unknown[]).reverse()[0] as never }),
    'any'
  ],
  'copes with candidates and weights that change between calls': [remembering, 'any'],
  'copes with attempts that end in any order, fail, or were never announced': [counting, 'any'],
  'copes with any request': [
    () => ({
      pick([first], { ingress }) {
        if (ingress.client === '') throw new Error('no client')
        return first
      }
    }),
    'any'
  ],
  'decides the same with the same time and chance': [
    () => ({ pick: (all) => all[Math.floor(Math.random() * all.length)] ?? all[0] }),
    'any'
  ],
  'shares out or keeps together what it says it does': [() => ({ pick: ([first]) => first }), 'spread']
}

function remembering(): BalancingPolicy {
  let remembered: Candidates | undefined
  return {
    pick(all) {
      remembered ??= all
      return remembered[0]
    }
  }
}

function counting(): BalancingPolicy {
  const open = new Map<unknown, number>()
  return {
    pick: ([first]) => first,
    started: (endpoint) => void open.set(endpoint, (open.get(endpoint) ?? 0) + 1),
    ended({ endpoint }) {
      const left = (open.get(endpoint) ?? 0) - 1
      if (left < 0) throw new Error('ended without a start')
      open.set(endpoint, left)
    }
  }
}

for (const { name, check } of balancingContract) {
  test(`the contract finds a policy of which this is not true: ${name}`, () => {
    const [create, kind] = broken[name] as [CreatePolicy, PolicyKind]
    assert.throws(() => check(create, kind))
  })
}

test('a policy that says it is keyed and is not breaks the contract', () => {
  const clause = balancingContract.at(-1)
  assert.throws(() => clause?.check(turns, 'keyed'), /met several endpoints/)
  assert.throws(() => clause?.check(() => ({ pick: ([first]) => first }), 'keyed'), /many clients/)
})
