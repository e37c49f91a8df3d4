/** What the kit needs of a test: the context of `node:test` (`after`), or of Vitest (`onTestFinished`). */
export type TestScope =
  | { after(cleanUp: () => unknown): void }
  | { onTestFinished(cleanUp: () => unknown): void }

/** Has something cleaned up when the test ends, whichever runner it is of. */
export function atEnd(t: TestScope, cleanUp: () => unknown): void {
  if ('after' in t) t.after(cleanUp)
  else t.onTestFinished(cleanUp)
}
