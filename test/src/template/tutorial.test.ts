import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ensureCommand } from '../support/debian.js'
import { freePort } from '../support/free-port.js'
import { type Block, blocksOf } from '../support/markdown.js'
import { type Newcomer, newcomer } from '../support/scaffolding.js'
import { read } from '../support/workspace.js'

const PAGE = 'docs/tutorial.md'
const STEP = '=== step '

/** What a reader types, and what is to be seen then. */
interface Step {
  readonly line: number
  readonly commands: string
  readonly expected: readonly string[]
}

const steps = blocksOf(read(PAGE)).reduce<Step[]>((all, { info, code, line }: Block) => {
  const last = all.at(-1)
  if (info === 'sh') all.push({ line, commands: code, expected: [] })
  else if (last !== undefined) all[all.length - 1] = { ...last, expected: code.split('\n') }
  return all
}, [])

let user: Newcomer
before(async () => {
  user = await newcomer()
})
after(() => user.leave())

test('every command of the tutorial works on a machine with nothing but Node, and shows what it says', async (t) => {
  if ((await ensureCommand(t, 'curl')) === null) return
  const ports = await Promise.all(
    ['8080', '8085', '3001', '3002'].map(async (port) => [port, await freePort()])
  )
  const moved = (text: string): string =>
    ports.reduce(
      (all, [port, other]) =>
        all.replaceAll(`:${port}`, `:${other}`).replaceAll(`PORT=${port}`, `PORT=${other}`),
      text
    )
  let changes = 0
  const script = steps.map(({ commands }, index) =>
    moved(`echo '${STEP}${index}'\n${commands}`)
      .replace('npm install gatewright', `npm install --no-audit --no-fund ${user.tarballOf('gatewright')}`)
      .replaceAll('gatewright run >', `gatewright run --port ${ports[0]?.[1]} >`)
      .replace('probes: { host: 127.0.0.1 }', `probes: { host: 127.0.0.1, port: ${ports[1]?.[1]} }`)
      // A reader waits for two seconds; a busy machine may need more.
      .replace('sleep 2', () => {
        changes++
        return `until [ "$(grep -c 'configuration was changed' gateway.log)" -ge ${changes} ]; do sleep 0.1; done`
      })
  )
  writeFileSync(join(user.folder, 'tutorial.sh'), `set -e\n${script.join('\n')}\necho '${STEP}end'\n`)
  const shell = user.start('bash', ['tutorial.sh'], user.folder)
  t.after(() => {
    // What a step that failed has left running.
    try {
      process.kill(-Number(shell.pid), 'SIGKILL')
    } catch {}
  })
  let output = ''
  for (const stream of [shell.stdout, shell.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const [code] = await once(shell, 'exit')
  assert.equal(code, 0, output)
  const shown = output.split(STEP).slice(1)
  for (const [index, { line, expected }] of steps.entries())
    for (const text of expected)
      assert.match(shown[index] ?? '', patternOf(moved(text)), `${PAGE}:${line}: ${output}`)
})

function patternOf(text: string): RegExp {
  return new RegExp(
    text
      .trim()
      .split('…')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')
  )
}
