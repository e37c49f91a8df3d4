/**
 * The options of Node that keep large bodies fast after a pause, and on Node 24 at all, for a major version of Node: see
 * docs/benchmarks. None for a version that has not been measured: a Node that does not know an option does not start.
 */
export function nodeOptionsFor(major: number): readonly string[] {
  if (major >= 20 && major < 24) return ['--no-memory-reducer']
  return major === 24 ? ['--external-memory-accounted-in-global-limit'] : []
}

/** Those of a worker: the primary's own, and the ones above, where nothing else was said about them. */
export function workerNodeOptions(
  own: readonly string[] = process.execArgv,
  version: string = process.versions.node
): readonly string[] {
  const said = (option: string): boolean => own.some((one) => stem(one) === stem(option))
  return [...own, ...nodeOptionsFor(Number.parseInt(version, 10)).filter((option) => !said(option))]
}

// `--no-memory-reducer` and `--memory-reducer` say something about the same.
function stem(option: string): string {
  return option.replaceAll('_', '-').replace(/^--(?:no-)?/, '')
}
