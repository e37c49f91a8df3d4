import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { findBinary } from '../machine/binaries.mjs'
import { say, warn } from '../progress.mjs'

/** Programs the benchmarks use; each is a Debian package of the same name. */
const PROGRAMS = ['wrk', 'nginx', 'haproxy', 'caddy']

/** Debian asks this script before it starts a service: 101 means no. */
const POLICY = '/usr/sbin/policy-rc.d'

/** Installs the programs that are missing, without starting their services. What cannot be had is reported. */
export function installPrograms() {
  const missing = PROGRAMS.filter((name) => findBinary(name) === null)
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || findBinary('apt-get') === null) {
    warn(`not installed, and only root can install them with apt-get: ${missing.join(', ')}`)
    return
  }
  withoutServices(() => {
    attempt('package lists', ['update'])
    for (const name of missing) attempt(name, ['install', '-y', '--no-install-recommends', name])
  })
}

function attempt(what, args) {
  say(`apt-get: ${what}`)
  try {
    execFileSync('apt-get', ['-q', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'pipe']
    })
  } catch (error) {
    warn(`apt-get failed for ${what}: ${String(error.stderr).trim().split('\n').at(-1)}`)
  }
}

function withoutServices(work) {
  const ours = !existsSync(POLICY)
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    work()
  } finally {
    if (ours) rmSync(POLICY)
  }
}
