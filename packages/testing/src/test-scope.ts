/** What the kit needs of a test: `node:test`'s `TestContext`, or anything with its `after`. */
export interface TestScope {
  after(cleanUp: () => unknown): void
}
