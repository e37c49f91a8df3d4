// Puts what each package publishes into one file per entry, lib/<entry>.js: loading 300 small modules was a quarter of a start.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('../packages/', import.meta.url))

/** The condition under which packages are loaded file by file: one copy of each for tests of single files. */
export const UNBUNDLED = 'gatewright-unbundled'

/** Bundles each package that is older than its compiled files or than this script. Other packages stay imports. */
export async function bundlePackages() {
  const stale = readdirSync(packages).map(bundleOf).filter(isStale)
  if (stale.length === 0) return
  // Not there before the first step of a set-up has installed it.
  const { build, stop } = await import('esbuild')
  for (const { lib } of stale) rmSync(lib, { recursive: true, force: true })
  await Promise.all(
    stale.map(({ lib, entries }) =>
      build({
        entryPoints: entries,
        outdir: lib,
        bundle: true,
        packages: 'external',
        format: 'esm',
        platform: 'node',
        target: 'node20.19',
        charset: 'utf8',
        sourcemap: 'linked',
        logLevel: 'error'
      })
    )
  ).finally(stop)
}

function bundleOf(name) {
  const folder = `${packages}${name}`
  const manifest = `${folder}/package.json`
  const exported = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).exports : {}
  return {
    manifest,
    dist: `${folder}/dist/`,
    lib: `${folder}/lib/`,
    entries: Object.values(exported).flatMap(({ [UNBUNDLED]: path }) =>
      path === undefined ? [] : [join(folder, path)]
    )
  }
}

function isStale({ manifest, dist, lib, entries }) {
  if (entries.length === 0) return false
  const bundles = entries.map((entry) => entry.replace(dist, lib))
  if (!bundles.every(existsSync)) return true
  const sources = readdirSync(dist, { recursive: true })
    .filter((file) => file.endsWith('.js') && !file.endsWith('.test.js'))
    .map((file) => dist + file)
  return Math.min(...bundles.map(changed)) < Math.max(...[...sources, manifest, SELF].map(changed))
}

const SELF = fileURLToPath(import.meta.url)
const changed = (file) => statSync(file).mtimeMs
