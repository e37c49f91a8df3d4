import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type FakeTerminal, fakeTerminal } from './fake-terminal.js'
import { main } from './main.js'

/** A folder to work in, gone when the test ends. */
function desk(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'create-gatewright-')))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function run(cwd: string, args: string[], env = {}): Promise<{ code: number; text: string }> {
  const terminal = fakeTerminal(cwd, false, env)
  const code = await main(args, terminal)
  return { code, text: terminal.text() }
}

const read = (...path: string[]): string => readFileSync(join(...path), 'utf8')
const manifestIn = (...path: string[]) => JSON.parse(read(...path, 'package.json'))

test('--help lists options and presets, --version says which one it is', async (t) => {
  const cwd = desk(t)
  const help = await run(cwd, ['--help'])
  assert.equal(help.code, 0)
  for (const word of ['--preset', '--no-install', 'minimal', 'api', 'bff', 'plugin'])
    assert.ok(help.text.includes(word), word)
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  assert.deepEqual(await run(cwd, ['--version']), { code: 0, text: `${version}\n` })
  assert.deepEqual(readdirSync(cwd), [])
})

const WRONG: readonly [args: string[], says: RegExp][] = [
  [['x', '--prset', 'api'], /^create-gatewright: Unknown option '--prset'; --help lists the options\n$/],
  [['x', '--preset', 'apu'], /^create-gatewright: --preset apu: there are minimal, api, bff, plugin\n$/],
  [['x', '--preset'], /--preset.*argument missing.*--help/],
  [['x', '--package-manager', 'bun'], /--package-manager bun: there are npm, pnpm, yarn\n$/],
  [['x', 'y'], /one folder is expected, not 2: x y\n$/],
  [['x', '--install', '--no-install'], /both\n$/],
  [['x', '--name', 'Not a Name'], /'Not a Name' is no name for a package: .*--name\n$/],
  [[' '], /the name of the folder is empty\n$/],
  [['fastify', '--preset', 'plugin'], /'fastify' is what the project depends on: .*--name\n$/],
  [['x', '--name', '@gatewright/gateway'], /'@gatewright\/gateway' is what the project depends on/],
  [[], /no terminal to ask in: name the folder, or take my-gateway with --yes\n$/]
]
for (const [args, says] of WRONG)
  test(`'${args.join(' ')}' is refused with 2, and nothing is written`, async (t) => {
    const cwd = desk(t)
    const { code, text } = await run(cwd, args)
    assert.equal(code, 2)
    assert.match(text, says)
    assert.deepEqual(readdirSync(cwd), [])
  })

test('an option that npm has taken for itself, as no -- stood before it, is told', async (t) => {
  const cwd = desk(t)
  for (const [args, env] of [
    [['edge', 'api'], { npm_config_preset: 'true' }],
    [['edge'], { npm_config_package_manager: 'pnpm' }]
  ] as const) {
    const { code, text } = await run(cwd, [...args], env)
    assert.equal(code, 2)
    assert.match(text, /npm has taken --(?:preset|package-manager) for itself: put -- before/)
  }
  assert.deepEqual(readdirSync(cwd), [])
})

test('without a terminal nothing is asked: the folder is enough', async (t) => {
  const cwd = desk(t)
  const { code, text } = await run(cwd, ['edge', '--no-install'])
  assert.equal(code, 0)
  assert.match(text, /Made edge from the preset minimal/)
  assert.match(
    text,
    /Next:\n {2}cd edge\n {2}npm install\n {2}npm test .*\n {2}npm start .*\n {2}npm run drill .*\n$/
  )
  assert.equal(manifestIn(cwd, 'edge').name, 'edge')
})

test('--yes takes my-gateway and asks nothing in a terminal either', async (t) => {
  const cwd = desk(t)
  const terminal = fakeTerminal(cwd, true)
  assert.equal(await main(['--yes', '--no-install'], terminal), 0)
  assert.doesNotMatch(terminal.text(), /\?/)
  assert.deepEqual(readdirSync(cwd), ['my-gateway'])
})

/** The command in a terminal, with somebody who answers. */
async function asked(cwd: string, args: string[], answers: readonly [string, string][]) {
  const terminal: FakeTerminal = fakeTerminal(cwd, true)
  const ended = main(args, terminal)
  for (const [question, keys] of answers) await terminal.answer(question, keys)
  return { code: await ended, text: terminal.text() }
}

test('in a terminal it asks for what was not given, and says what Enter alone gives', async (t) => {
  const cwd = desk(t)
  const { code } = await asked(
    cwd,
    [],
    [
      ['Which folder? (my-gateway)', 'edge\r'],
      ['Which one, by number or name? (minimal)', '7\r'],
      ['There are 1 to 4', ''],
      ['Which one', '3\r'],
      ['Install with npm? (yes)', 'n\r']
    ]
  )
  assert.equal(code, 0)
  assert.ok(existsSync(join(cwd, 'edge/src/sessions.ts')))
})

test('what was given is not asked for', async (t) => {
  const cwd = desk(t)
  const { code, text } = await asked(cwd, ['edge', '--preset', 'api', '--no-install'], [])
  assert.equal(code, 0)
  assert.doesNotMatch(text, /\?/)
})

for (const [name, keys] of [
  ['Ctrl-C', '\x03'],
  ['Ctrl-D', '\x04']
] as const)
  test(`${name} ends it with 130 before anything is written`, async (t) => {
    const cwd = desk(t)
    const { code, text } = await asked(cwd, ['edge'], [['Which one', keys]])
    assert.equal(code, 130)
    assert.match(text, /nothing was written\n$/)
    assert.deepEqual(readdirSync(cwd), [])
  })

test('a terminal that is gone ends it with 130', async (t) => {
  const cwd = desk(t)
  const terminal = fakeTerminal(cwd, true)
  const ended = main(['edge'], terminal)
  await terminal.answer('Which one', '')
  terminal.stdin.end()
  assert.equal(await ended, 130)
  assert.deepEqual(readdirSync(cwd), [])
})

test('CI=false is no CI', async (t) => {
  const terminal = fakeTerminal(desk(t), true, { CI: 'false' })
  const ended = main(['edge', '--no-install'], terminal)
  await terminal.answer('Which one', '\r')
  assert.equal(await ended, 0)
})

test('on CI nothing is asked, whatever its terminal looks like', async (t) => {
  const cwd = desk(t)
  assert.equal(await main(['edge', '--no-install'], fakeTerminal(cwd, true, { CI: 'true' })), 0)
})

test('a folder that is not empty is refused, with what is in the way', async (t) => {
  const cwd = desk(t)
  mkdirSync(join(cwd, 'edge'))
  writeFileSync(join(cwd, 'edge/notes.txt'), 'mine')
  const { code, text } = await run(cwd, ['edge', '--no-install'])
  assert.equal(code, 1)
  assert.match(text, /edge is not empty: it has notes\.txt\. --force writes beside/)
  assert.deepEqual(readdirSync(join(cwd, 'edge')), ['notes.txt'])
})

test('a fresh repository, and what editors leave, are not in the way', async (t) => {
  const cwd = desk(t)
  for (const entry of ['.git', '.vscode']) mkdirSync(join(cwd, entry))
  writeFileSync(join(cwd, '.DS_Store'), '')
  const { code, text } = await run(cwd, ['.', '--no-install', '--name', 'edge'])
  assert.equal(code, 0)
  assert.doesNotMatch(text, / {2}cd /)
  assert.equal(manifestIn(cwd).name, 'edge')
})

test('--force changes no file that is there, and completes package.json', async (t) => {
  const cwd = desk(t)
  const own = {
    name: 'mine',
    type: 'module',
    scripts: { test: 'vitest' },
    dependencies: { fastify: '5.0.0' },
    author: 'me'
  }
  writeFileSync(join(cwd, 'package.json'), `\uFEFF${JSON.stringify(own, null, '\t')}`)
  writeFileSync(join(cwd, 'README.md'), 'mine')
  symlinkSync(join(cwd, 'nowhere'), join(cwd, 'tsconfig.json'))
  const { code, text } = await run(cwd, ['.', '--force', '--no-install', '--preset', 'plugin'])
  assert.equal(code, 0)
  assert.match(text, /Left as they were: README\.md, tsconfig\.json\n/)
  assert.equal(read(cwd, 'README.md'), 'mine')
  assert.ok(!existsSync(join(cwd, 'nowhere')))
  const manifest = manifestIn(cwd)
  assert.deepEqual(
    [manifest.name, manifest.author, manifest.scripts.test, manifest.dependencies.fastify],
    ['mine', 'me', 'vitest', '5.0.0']
  )
  assert.match(manifest.scripts.drill, /drill/)
  assert.ok(manifest.dependencies['@gatewright/core'])
  assert.match(read(cwd, 'package.json'), /^\{\n\t"name"/)
})

test('--force leaves a package that is CommonJS, or says nothing of it, alone', async (t) => {
  for (const manifest of ['{ "type": "commonjs" }', '{}']) {
    const cwd = desk(t)
    writeFileSync(join(cwd, 'package.json'), manifest)
    const { code, text } = await run(cwd, ['.', '--force', '--no-install', '--name', 'edge'])
    assert.equal(code, 1)
    assert.match(text, /"type": "module"/)
    assert.deepEqual(readdirSync(cwd), ['package.json'])
  }
})

test('a package.json that is no JSON is told, and nothing is written', async (t) => {
  const cwd = desk(t)
  writeFileSync(join(cwd, 'package.json'), '{ name }')
  const { code, text } = await run(cwd, ['.', '--force', '--no-install', '--name', 'edge'])
  assert.equal(code, 1)
  assert.match(text, /package\.json is no JSON/)
  assert.deepEqual(readdirSync(cwd), ['package.json'])
})

test('what cannot be written is told by its path, and what was written is removed', async (t) => {
  const cwd = desk(t)
  mkdirSync(join(cwd, 'edge'))
  // A file where a folder has to be: later than others.
  writeFileSync(join(cwd, 'edge/src'), 'mine')
  const { code, text } = await run(cwd, ['edge', '--force', '--no-install'])
  assert.equal(code, 1)
  assert.match(text, /edge\/src.* cannot be written: /)
  assert.deepEqual(readdirSync(join(cwd, 'edge')), ['src'])
})

test('a path through a file is refused', async (t) => {
  const cwd = desk(t)
  writeFileSync(join(cwd, 'file'), '')
  for (const path of ['file', 'file/edge']) {
    const { code, text } = await run(cwd, [path, '--no-install'])
    assert.equal(code, 1)
    assert.match(text, /is a file, or lies below one/)
  }
})

test('folders on the way, with spaces and beyond ASCII, and links to folders are taken', async (t) => {
  const cwd = desk(t)
  mkdirSync(join(cwd, 'real'))
  symlinkSync(join(cwd, 'real'), join(cwd, 'link'))
  const { code, text } = await run(cwd, ['link/meine dienste/Tor für Anfragen', '--no-install'])
  assert.equal(code, 0)
  assert.match(text, / {2}cd 'link\/meine dienste\/Tor für Anfragen'\n/)
  assert.equal(manifestIn(cwd, 'real/meine dienste/Tor für Anfragen').name, 'tor-fur-anfragen')
})

test('a name with a scope is that of the package, and in no path', async (t) => {
  const cwd = desk(t)
  assert.equal((await run(cwd, ['@acme/edge', '--no-install', '--preset', 'bff'])).code, 0)
  assert.deepEqual(readdirSync(cwd), ['edge'])
  assert.equal(manifestIn(cwd, 'edge').name, '@acme/edge')
  assert.match(read(cwd, 'edge/src/sessions.ts'), /ISSUER = '@acme\/edge'/)
})

test('a workspace around the project is told', async (t) => {
  const cwd = desk(t)
  writeFileSync(join(cwd, 'package.json'), '{ "workspaces": ["packages/*"] }')
  const { text } = await run(cwd, ['apps/edge', '--no-install'])
  assert.ok(text.includes(`within the workspace of ${join(cwd, 'package.json')}`))
})

/** A package manager that ends with a code. */
function fakeManager(t: TestContext, script: string): { PATH: string } {
  const bin = desk(t)
  for (const name of ['npm', 'pnpm']) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  return { PATH: `${bin}${delimiter}/bin${delimiter}/usr/bin` }
}

test('an installation that fails says how to go on, and ends with 1', async (t) => {
  const cwd = desk(t)
  const { code, text } = await run(cwd, ['edge', '--yes'], fakeManager(t, 'exit 1'))
  assert.equal(code, 1)
  assert.match(text, /'npm install' failed\. Once it works:\n\nNext:\n {2}cd edge\n {2}npm install\n/)
  assert.ok(existsSync(join(cwd, 'edge/package.json')))
})

test('a package manager that is not there is told', async (t) => {
  const cwd = desk(t)
  const { code, text } = await run(cwd, ['edge', '--yes'], { PATH: '/nowhere' })
  assert.equal(code, 1)
  assert.match(text, /npm cannot be run: it is not installed/)
})

test('an installation that installs nothing here is none', async (t) => {
  const cwd = desk(t)
  const { code, text } = await run(
    cwd,
    ['edge', '--yes', '--package-manager', 'pnpm'],
    fakeManager(t, 'exit 0')
  )
  assert.equal(code, 1)
  assert.match(text, /pnpm has installed nothing for this project/)
})

test('an installation that works is not asked for again', async (t) => {
  const cwd = desk(t)
  const env = fakeManager(t, 'test "$1" = install && mkdir -p node_modules/@gatewright/testing')
  const { code, text } = await run(cwd, ['edge', '--yes'], env)
  assert.equal(code, 0)
  assert.doesNotMatch(text, /npm install/)
})

test('the package manager that runs it is the one of the project', async (t) => {
  const cwd = desk(t)
  const env = { npm_config_user_agent: 'pnpm/10.1.2 npm/? node/v22.0.0 linux x64' }
  const { text } = await run(cwd, ['edge', '--no-install'], env)
  assert.match(text, / {2}pnpm install\n {2}pnpm test .*\n {2}pnpm start .*\n {2}pnpm run drill/)
  assert.equal(manifestIn(cwd, 'edge').packageManager, 'pnpm@10.1.2')
  assert.match(read(cwd, 'edge/Dockerfile'), /pnpm-lock\.yaml/)
  for (const file of ['README.md', 'package.json', 'Dockerfile', '.github/workflows/ci.yml'])
    assert.doesNotMatch(read(cwd, 'edge', file), /\bnpm (?:run|test|start|install|ci)\b/, file)
})
