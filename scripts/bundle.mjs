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
  const { build } = await import('rolldown')
  for (const { lib } of stale) rmSync(lib, { recursive: true, force: true })
  await Promise.all(
    stale.map(({ lib, entries }) =>
      build({
        input: entries,
        external: /^[^./]/,
        platform: 'node',
        plugins: [originalSources],
        output: { dir: lib, format: 'esm', sourcemap: true }
      })
    )
  )
}

/** Traces positions to the TypeScript that a compiled file comes from. */
const originalSources = {
  name: 'original-sources',
  load(file) {
    const map = `${file}.map`
    const code = readFileSync(file, 'utf8')
    // Validators are written by the build and have no other source.
    return { code, map: existsSync(map) ? JSON.parse(readFileSync(map, 'utf8')) : null }
  }
}

function bundleOf(name) {
  const folder = `${packages}${name}`
  const manifest = `${folder}/package.json`
  const exported = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).exports : {}
  return {
    manifest,
    dist: `${folder}/dist/`,
    lib: `${folder}/lib/`,
    // An entry without it, such as the terms of schemas, is for builds alone.
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
