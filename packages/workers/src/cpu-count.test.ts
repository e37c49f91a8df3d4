import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cpuCount } from './cpu-count.js'

const V2 = '/sys/fs/cgroup/cpu.max'
const QUOTA = '/sys/fs/cgroup/cpu/cpu.cfs_quota_us'
const PERIOD = '/sys/fs/cgroup/cpu/cpu.cfs_period_us'

const CASES: [what: string, files: Record<string, string>, expected: number][] = [
  ['no container', {}, 8],
  ['cgroup v2 without a limit', { [V2]: 'max 100000\n' }, 8],
  ['cgroup v2 with two CPUs', { [V2]: '200000 100000\n' }, 2],
  ['cgroup v2 with one and a half', { [V2]: '150000 100000\n' }, 2],
  ['cgroup v2 with a tenth', { [V2]: '10000 100000\n' }, 1],
  ['cgroup v2 with more than there are', { [V2]: '6400000 100000\n' }, 8],
  ['cgroup v1 without a limit', { [QUOTA]: '-1\n', [PERIOD]: '100000\n' }, 8],
  ['cgroup v1 with three CPUs', { [QUOTA]: '300000\n', [PERIOD]: '100000\n' }, 3],
  ['a file that says something else', { [V2]: 'none at all' }, 8]
]

for (const [what, files, expected] of CASES)
  test(`with ${what}, eight cores are CPU for ${expected}`, () => {
    assert.equal(
      cpuCount(8, (path) => files[path] ?? ''),
      expected
    )
  })
