// Preloaded into every test file: the test runner follows every promise and socket to say whose error nobody caught,
// which is a seventh of all that the tests cost. Without that such an error fails the file, by its message.
import asyncHooks from 'node:async_hooks'
import { createRequire } from 'node:module'

const none = { enable: () => none, disable: () => none }

if (process.env.NODE_TEST_CONTEXT !== undefined) {
  const { createHook } = asyncHooks
  asyncHooks.createHook = () => none
  // It takes what is there when it is loaded.
  createRequire(import.meta.url)('node:test')
  asyncHooks.createHook = createHook
}
