// Whether what is here may be published: versions in step, a changelog, and for a release the tag. `node scripts/release.mjs v1.2.3`.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const read = (path) => readFileSync(root + path, 'utf8')

/** A sentence for each thing that stands in the way; with a tag, of a release. */
export function* checkRelease(tag) {
  const { version } = JSON.parse(read('package.json'))
  for (const name of readdirSync(`${root}packages`)) {
    const manifest = JSON.parse(read(`packages/${name}/package.json`))
    if (manifest.version !== version)
      yield `packages/${name}: ${manifest.version}, and the repository ${version}`
    for (const [other, range] of Object.entries(manifest.dependencies ?? {}))
      if (other.startsWith('@gatewright/') && range !== version)
        yield `packages/${name}: ${other} at ${range}, not ${version}`
  }
  const heading = read('CHANGELOG.md')
    .match(/^## .+$/gm)
    ?.find((line) => line.split(' ')[1] === version)
  if (heading === undefined) yield `CHANGELOG.md: there is no '## ${version}'`
  if (tag === undefined) return
  if (tag !== `v${version}`) yield `the tag is ${tag}, and the version ${version}`
  if (heading !== undefined && !/\(\d{4}-\d{2}-\d{2}\)$/.test(heading))
    yield `CHANGELOG.md: '${heading}' has no date: write '## ${version} (2026-01-31)'`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [tag = ''] = process.argv.slice(2)
  for (const problem of checkRelease(tag)) {
    console.error(problem)
    process.exitCode = 1
  }
}
