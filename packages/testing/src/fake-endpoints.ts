import { type Candidates, Endpoint } from '@gatewright/core'

/**
 * Idle endpoints for unit tests of policies and filters; nothing listens there.
 *
 * @param which How many (`http://endpoint-1.test` and so on), or their URLs. At least one, else a RangeError is thrown.
 * @param weights One weight each, in the same order. Default 1.
 */
export function endpoints(which: 2, weights?: readonly number[]): readonly [Endpoint, Endpoint]
export function endpoints(which: 3, weights?: readonly number[]): readonly [Endpoint, Endpoint, Endpoint]
export function endpoints(which: number | readonly string[], weights?: readonly number[]): Candidates
export function endpoints(which: number | readonly string[], weights: readonly number[] = []): Candidates {
  const urls =
    typeof which === 'number'
      ? Array.from({ length: which }, (_, index) => `http://endpoint-${index + 1}.test`)
      : which
  const [first, ...others] = urls.map((url, index) => new Endpoint('test', new URL(url), weights[index] ?? 1))
  if (first === undefined) throw new RangeError('at least one endpoint is needed')
  return [first, ...others]
}
