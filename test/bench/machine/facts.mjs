import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { peerVersions } from '../install/peers.mjs'
import { findBinary } from './binaries.mjs'
import { pinning } from './cores.mjs'

const VERSION_FLAGS = { nginx: '-v', haproxy: '-v', caddy: 'version', wrk: '-v' }

/** What the figures depend on. */
export function machineFacts() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.versions.node,
    upstream: findBinary('nginx') === null ? 'Node' : 'nginx',
    pinning,
    versions: { ...peerVersions, ...programVersions() }
  }
}

function programVersions() {
  const found = {}
  for (const [name, flag] of Object.entries(VERSION_FLAGS)) {
    const binary = findBinary(name)
    if (binary === null) continue
    const { stdout, stderr } = spawnSync(binary, [flag], { encoding: 'utf8' })
    found[name] = /\d+\.\d+(?:\.\d+)?/.exec(stdout + stderr)?.[0] ?? 'unknown'
  }
  return found
}
