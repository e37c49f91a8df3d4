import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChangePart } from '@gatewright/core'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { type ReloadSubject, reloadContract, reloadSuite } from '@gatewright/testing'

type Seams = Parameters<ReloadSubject['create']>[1]
type Prepare = ChangePart['prepare']

/** What the feature says, which is seen. */
interface Text {
  now: string
}

function configured(body: string): GatewayServerConfig {
  return {
    logger: false,
    accessLog: false,
    pools: { api: { endpoints: ['http://a.test'] } },
    routes: [
      { id: 'all', path: '/*', pool: 'api' },
      ...(body === '' ? [] : [{ id: 'mine', path: '/mine', respond: { body } }])
    ]
  }
}

/** A feature that says what the text of the route `mine` is. */
function subjectOf(make: (text: Text, seams: Seams) => Prepare): ReloadSubject {
  const texts = new WeakMap<object, Text>()
  return {
    create(config, seams) {
      const gateway = createGateway(config as GatewayServerConfig, seams)
      return gateway.register(async (app) => {
        const text = { now: '' }
        texts.set(app.gateway, text)
        app.gateway.changes.push({ name: 'texts', prepare: make(text, seams) })
      })
    },
    config: () => configured('one'),
    changed: () => configured('two'),
    off: () => configured(''),
    observe: ({ gateway }) => texts.get(gateway)?.now
  }
}

const textOf = ({ routes }: Parameters<Prepare>[0]): string => {
  const action = routes.find(({ id }) => id === 'mine')?.action
  return action?.kind === 'respond' ? String(action.respond.body) : ''
}

reloadSuite(
  'a feature that keeps the contract',
  subjectOf((text) => (next) => ({
    commit() {
      text.now = textOf(next)
    }
  }))
)

const broken: Readonly<Record<string, ReloadSubject>> = {
  'an unchanged configuration reloads to no observable change': subjectOf((text) => {
    let changes = 0
    return () => ({
      commit() {
        text.now = String(changes++)
      }
    })
  }),
  'a change that is refused changes nothing': subjectOf((text) => (next) => {
    text.now = textOf(next)
    return undefined
  }),
  'a dry run changes nothing': subjectOf((text) => (next) => {
    text.now = textOf(next)
    return { abandon: () => {} }
  }),
  'changes there and back leave nothing behind': subjectOf((_text, { timers }) => (_next, previous) => ({
    commit: () => void (previous === null || timers.every(1_000, () => {}))
  })),
  'what is off at the start can come later, and go again': subjectOf((text) => (next, previous) => ({
    commit() {
      if (previous === null) text.now = textOf(next)
    }
  })),
  'requests under way end on the configuration that they began with': subjectOf(() => (_next, previous) => ({
    commit() {
      if (previous !== null && previous.usage.open > 0) previous.usage.open++
    }
  }))
}

for (const { name, check } of reloadContract)
  test(`the contract finds a feature of which it is not true that ${name}`, async () => {
    await assert.rejects(check(broken[name] as ReloadSubject), assert.AssertionError)
  })
