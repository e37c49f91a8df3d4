import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testNamesOf } from './test-names.js'

test('names are read in all three kinds of quotes, and over lines', () => {
  const source = `
test('it\\'s one', async (t) => {})
  test(
    "is 'two'", bounded, () => {})
for (const x of all) test(\`\${x.y} is \${ n } of 'three'\`, () => {})
contest('no test', () => {})
test(name, () => {})
`
  assert.deepEqual(testNamesOf(source), ["it's one", "is 'two'", "… is … of 'three'"])
})
