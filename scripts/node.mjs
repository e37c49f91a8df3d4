// Brings another line of Node as an npm package: the plain binary, with no install script.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The path of a `node` of that major version, installed under .cache on first use. */
export function nodeOfLine(major) {
  const home = fileURLToPath(new URL(`../.cache/node${major}/`, import.meta.url))
  const name = `node-${process.platform}-${process.arch}`
  const binary = `${home}node_modules/${name}/bin/node`
  if (!existsSync(binary)) {
    process.stderr.write(`• installing Node ${major} into .cache\n`)
    execFileSync(
      'npm',
      [
        'install',
        '--prefix',
        home,
        '--no-save',
        '--no-audit',
        '--no-fund',
        '--ignore-scripts',
        `${name}@${major}`
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] }
    )
  }
  return binary
}
