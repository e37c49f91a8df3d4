import type { PlacedChange } from './change.js'
import type { RoutePair } from './match-routes.js'

/** Expressions are tried in the order of the table: two that have changed places may take each other's requests. */
export function* expressionOrder(pairs: readonly RoutePair[]): Iterable<PlacedChange> {
  const both = pairs.flatMap(({ before, after }) =>
    before !== undefined &&
    after !== undefined &&
    isExpression(before.config.path) &&
    isExpression(after.config.path)
      ? [{ before, after }]
      : []
  )
  const old = [...both].sort((a, b) => a.before.index - b.before.index)
  const next = [...both].sort((a, b) => a.after.index - b.after.index)
  const at = next.findIndex((pair, index) => pair !== old[index])
  const first = next[at]?.after
  if (first === undefined) return
  const names = (all: typeof both): string[] => all.slice(at).map(({ after }) => after.id)
  yield {
    at: `${first.path}.path`,
    isGone: false,
    change: {
      kind: 'changed',
      risk: 'match-widened',
      path: `${first.path}.path`,
      before: names(old),
      after: names(next),
      message: `expressions are tried in another order: '${first.id}' before '${old[at]?.after.id}'`,
      route: first.id
    }
  }
}

function isExpression(path: string): boolean {
  return path.startsWith('~')
}
