import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Where a container's share of the CPUs is written: cgroup v2, and v1. */
const V2 = '/sys/fs/cgroup/cpu.max'
const V1 = ['/sys/fs/cgroup/cpu/cpu.cfs_quota_us', '/sys/fs/cgroup/cpu/cpu.cfs_period_us'] as const

/**
 * How many workers there is CPU for: the cores that the process may use, but not more than the container has CPU time for
 * (rounded up). On a large machine a container that is limited to two CPUs else had a worker for each core.
 */
export function cpuCount(
  cores: number = availableParallelism(),
  read: (path: string) => string = readText
): number {
  const quota = quotaIn(read(V2)) ?? quotaIn(V1.map((path) => read(path).trim()).join(' ')) ?? cores
  return Math.max(1, Math.min(cores, Math.ceil(quota)))
}

// `max 100000`, or `200000 100000`: so many microseconds of each 100 ms.
function quotaIn(text: string): number | null {
  const [, quota = '', period = ''] = /^(\d+) (\d+)\s*$/.exec(text) ?? []
  return Number(quota) > 0 && Number(period) > 0 ? Number(quota) / Number(period) : null
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
