import { setTimeout as wait } from 'node:timers/promises'

/** Resolves when the assertions hold; the last failure is thrown once they have not for `limitMs`. */
export async function eventually(assertions: () => Promise<void>, limitMs = 20_000): Promise<void> {
  const until = performance.now() + limitMs
  for (;;) {
    try {
      await assertions()
      return
    } catch (error) {
      if (performance.now() > until) throw error
      await wait(50)
    }
  }
}
