import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { here, peersFolder } from '../paths.mjs'
import { say, warn } from '../progress.mjs'

const pinned = join(here, 'peers/package.json')

/** The npm peers and their pinned versions. */
export const peerVersions = JSON.parse(readFileSync(pinned, 'utf8')).dependencies

/** Installs the npm peers into `.bench` unless the pinned versions are there. A failure is reported. */
export function installPeers() {
  if (Object.entries(peerVersions).every(([name, version]) => installed(name) === version)) return
  say(`npm: ${Object.keys(peerVersions).join(', ')}`)
  mkdirSync(peersFolder, { recursive: true })
  copyFileSync(pinned, join(peersFolder, 'package.json'))
  try {
    const args = ['install', '--prefix', peersFolder, '--no-audit', '--no-fund', '--loglevel=error']
    execFileSync('npm', args, { cwd: peersFolder, stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    warn(`npm install failed: ${String(error.stderr).trim().split('\n').at(-1)}`)
  }
}

function installed(name) {
  const path = join(peersFolder, 'node_modules', name, 'package.json')
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).version : null
}
