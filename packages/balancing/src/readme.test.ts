import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { balancingPolicies } from './policies.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the README has a row for every policy, and no other', () => {
  const documented = [
    ...readme.matchAll(/^\| `([\w-]+)` \((?:default|comes)|^\| `(\w+-[\w-]+|random|sticky)` \|/gm)
  ]
  const names = documented.map(([, marked, plain]) => marked ?? plain)
  assert.deepEqual(names.toSorted(), [...balancingPolicies.map(({ name }) => name), 'first'].toSorted())
})

for (const { name, schema } of balancingPolicies) {
  test(`the README lists the options of ${name}, and no other`, () => {
    const [, section = ''] = readme.split(`### \`${name}\`\n`)
    const documented = [...(section.split(/^##/m)[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map((m) => m[1])
    const { properties = {} } = (schema ?? {}) as { properties?: object }
    assert.deepEqual(documented.toSorted(), Object.keys(properties).toSorted())
  })
}
