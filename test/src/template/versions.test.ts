import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from '../support/workspace.js'

const manifest = (path: string) => JSON.parse(read(`${path}/package.json`))
const template = (name: string) => manifest(`packages/create-gatewright/templates/${name}`)

test('templates have the versions of third parties that this repository is tested with', () => {
  const root = manifest('.').devDependencies
  const { typescript, '@types/node': nodeTypes } = template('shared').devDependencies
  assert.deepEqual([typescript, nodeTypes], [root.typescript, root['@types/node']])
  assert.equal(template('plugin').dependencies.fastify, manifest('packages/gateway').dependencies.fastify)
  assert.equal(template('bff').dependencies.jose, manifest('packages/auth').dependencies.jose)
})

test('templates and create-gatewright are for the same lines of Node', () => {
  assert.equal(template('shared').engines.node, manifest('packages/create-gatewright').engines.node)
})
