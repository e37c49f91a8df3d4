import type { LoadedConfig } from '@gatewright/config'
import type { Change } from '@gatewright/lint'

/** Changes without the secrets of both configurations. What they are by kind stays, should a secret be a word of it. */
export function redactedChanges(
  changes: readonly Change[],
  before: LoadedConfig,
  after: LoadedConfig
): Change[] {
  return changes.map((change) => {
    const { kind, risk } = change
    return { ...before.redacted(after.redacted(change)), kind, risk }
  })
}
