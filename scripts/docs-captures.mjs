// Runs the command and writes what it prints into the documentation, between `<!-- capture: NAME -->` and the end of the block
// behind it. With --check it only says if a page is stale.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../packages/cli/bin/gatewright.js', import.meta.url))
const PAGES = ['docs/files.md']
const LIMIT_MS = 60_000

const GATEWAY = `pools: { app: { endpoints: [http://localhost:3000] } }
routes:
  - { id: hello, path: /hello, respond: { body: hello } }
  - { id: app, path: /*, pool: app, timeout: 5s }
`
const RIGHT = GATEWAY.replace('body: hello', 'body: hi')
const WRONG = RIGHT.replace('timeout:', 'timeuot:')
const OPEN = GATEWAY.replace('timeout: 5s', 'timeout: 20s, retry: { budgetPercent: 100 }')

const cwd = mkdtempSync(join(tmpdir(), 'gatewright-captures-'))
process.on('exit', () => rmSync(cwd, { recursive: true, force: true }))

const captures = {
  dev: await capturedSession(),
  check: printed(['check', 'gateway.yaml'], { 'gateway.yaml': WRONG }),
  lint: printed(['check', 'open.yaml'], { 'open.yaml': OPEN }),
  diff: printed(['diff', 'gateway.yaml', 'open.yaml'], { 'gateway.yaml': GATEWAY, 'open.yaml': OPEN }),
  explain: printed(['explain', '/users/7'], { 'gateway.yaml': GATEWAY })
}

for (const page of PAGES) {
  const file = new URL(`../${page}`, import.meta.url)
  const text = readFileSync(file, 'utf8')
  const next = text.replace(
    /(<!-- capture: (\w+) -->\n```text\n).*?(\n```)/gs,
    (_block, head, name, end) => `${head}${captures[name]}${end}`
  )
  if (next === text) continue
  if (!process.argv.includes('--check')) writeFileSync(file, next)
  else {
    console.error(`${page} has stale captures: run \`node scripts/docs-captures.mjs\``)
    process.exitCode = 1
  }
}

/** A command line and what it prints, as a terminal shows it. */
function printed(args, files) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  const { stdout, stderr } = spawnSync(process.execPath, [command, ...args], { cwd, encoding: 'utf8' })
  return shown(`$ gatewright ${args.join(' ')}\n${stdout}${stderr}`)
}

/** `gatewright dev`, a request, an edit, and a wrong one. */
async function capturedSession() {
  writeFileSync(join(cwd, 'gateway.yaml'), GATEWAY)
  const child = spawn(process.execPath, [command, 'dev', '--host', '127.0.0.1', '--port', '0'], { cwd })
  let all = '$ gatewright dev\n'
  child.stdout.on('data', (chunk) => {
    all += chunk
  })
  child.stderr.on('data', (chunk) => {
    all += chunk
  })
  const until = async (pattern) => {
    for (const since = performance.now(); !pattern.test(all); ) {
      if (performance.now() - since > LIMIT_MS || child.exitCode !== null) throw new Error(`dev: ${all}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return pattern.exec(all)?.[0] ?? ''
  }
  const url = await until(/http:\/\/127\.0\.0\.1:\d+/)
  const beside = (line) => {
    all += `# beside it: ${line}\n`
  }
  beside(`curl ${url}/hello`)
  await (await fetch(`${url}/hello`)).text()
  await until(/GET\s+\/hello/)
  beside('an edit: the body is hi')
  writeFileSync(join(cwd, 'gateway.yaml'), RIGHT)
  await until(/changed: .*\n/)
  beside('a wrong one')
  writeFileSync(join(cwd, 'gateway.yaml'), WRONG)
  await until(/\^\n/)
  child.kill('SIGKILL')
  return shown(all)
}

// What differs from one run to the next is always the same.
function shown(text) {
  return text
    .replace(/\x1b\[[\d;]*m/g, '')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:8080')
    .replaceAll(/ready in \d+ ms/g, 'ready in 180 ms')
    .replaceAll(/\d+\.\d+ ms/g, '1.2 ms')
    .replaceAll(cwd, '.')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()
}
