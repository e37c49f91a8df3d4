// Preloaded into every test file: the test runner follows every promise and socket to say whose error nobody caught,
// which is a seventh of all that the tests cost. Here it knows its tests alone; such an error fails the file, by its message.
import asyncHooks from 'node:async_hooks'
import { createRequire } from 'node:module'

const { AsyncResource, createHook } = asyncHooks
const callbacks = []

/** What a test is made of tells the runner of itself, as a hook would. */
class Known extends AsyncResource {
  constructor(type, options) {
    super(type, options)
    for (const { init } of callbacks) init?.(this.asyncId(), type, this.triggerAsyncId(), this)
  }
}

function createQuietHook(given) {
  return {
    enable() {
      callbacks.push(given)
      return this
    },
    // At the end.
    disable() {
      return this
    }
  }
}

if (process.env.NODE_TEST_CONTEXT !== undefined) {
  Object.assign(asyncHooks, { AsyncResource: Known, createHook: createQuietHook })
  // It takes what is there when it is loaded.
  createRequire(import.meta.url)('node:test')
  Object.assign(asyncHooks, { AsyncResource, createHook })
}
