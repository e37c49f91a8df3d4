import { PACKAGE_MANAGERS } from './package-manager.js'
import { PRESETS } from './presets.js'

/** What `--help` prints. */
export function helpText(): string {
  const width = Math.max(...PRESETS.map(({ name }) => name.length))
  const presets = PRESETS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')
  return `Starts a Gatewright project in TypeScript.

Usage
  npm create gatewright@latest [folder] -- [options]
  create-gatewright [folder] [options]

Options
  -p, --preset <name>         what to start from: see below
      --name <name>           the name in package.json; default: the folder's
      --package-manager <pm>  ${PACKAGE_MANAGERS.join(', ')}; default: the one that runs this
      --no-install            write the files and install nothing
  -f, --force                 into a folder that is not empty; no file that is there is changed
  -y, --yes                   ask nothing: take the defaults
  -h, --help                  print this
  -v, --version               print the version

Presets
${presets}
`
}
