import { commandsFor, type PackageManagerName } from './package-manager.js'

/** The commands to go on with. `way` is the project's folder, from here; `''` for this one. */
export function nextSteps(way: string, packageManager: PackageManagerName, installed: boolean): string {
  const commands = [
    ...(way === '' ? [] : [`cd ${quoted(way)}`]),
    ...(installed ? [] : ['npm install']),
    'npm test          # its own tests',
    'npm start         # http://localhost:8080',
    'npm run drill     # breaks what is behind it, and shows what it makes of that'
  ]
  return `\nNext:\n${commands.map((command) => `  ${commandsFor(packageManager, command)}`).join('\n')}`
}

/** As a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\p{L}\p{N}./\\_@:-]+$/u.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
}
