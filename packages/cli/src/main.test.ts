import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { COMMANDS } from './commands.js'
import { main } from './main.js'

interface Output {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly cwd: string
}

/** Runs a command line in a folder of its own, with a file `gateway.yaml` if its text is given. */
async function gatewright(t: TestContext, argv: readonly string[], text?: string, env = {}): Promise<Output> {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-cli-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  if (text !== undefined) writeFileSync(join(cwd, 'gateway.yaml'), text)
  const written = { out: '', err: '' }
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        written[name] += chunk
        done()
      }
    })
  const code = await main(argv, {
    stdout: into('out'),
    stderr: into('err'),
    log: into('out'),
    stdin: null,
    env,
    cwd,
    interactive: false,
    failed: () => {},
    onSignal: () => () => {}
  })
  return { code, ...written, cwd }
}

const RIGHT = `pools: { app: { endpoints: [http://localhost:3000] } }
routes:
  - { id: users, path: /users/*, methods: [GET], pool: app }
  - { id: hello, path: /hello, respond: { body: hello } }
`
const WRONG = `${RIGHT}  - { id: users, path: /x, pool: ap }\n`

test('every command has a help of at most 80 columns', async (t) => {
  for (const { name, options } of COMMANDS) {
    const { code, out } = await gatewright(t, [name, '--help'])
    assert.equal(code, 0)
    assert.match(out, new RegExp(`^Usage: gatewright ${name}`))
    for (const option of options) assert.ok(out.includes(`--${option.name}`), `${name} --${option.name}`)
    for (const line of out.split('\n')) assert.ok(line.length <= 80, line)
  }
})

test('without a command, the commands are listed', async (t) => {
  for (const argv of [[], ['help'], ['--help'], ['-h']]) {
    const { code, out } = await gatewright(t, argv)
    assert.equal(code, 0)
    for (const { name, summary } of COMMANDS)
      assert.ok(out.includes(name) && out.includes(summary.slice(0, 30)), name)
  }
})

const MISTAKES: readonly [argv: readonly string[], expected: RegExp][] = [
  [['chek'], /there is no command 'chek'; did you mean 'check'\?\nSee: gatewright help/],
  [['run', '--prot', '1'], /there is no option --prot; did you mean '--port'\?\nSee: gatewright run --help/],
  [['run', '--port'], /--port needs a value: --port PORT/],
  [['run', '--port', '70000'], /--port: '70000' must be a whole number, 0 to 65535/],
  [['run', '--log-level', 'inof'], /'inof' is no level of the log; did you mean 'info'\?/],
  [['run', '--no-watch=1'], /--no-watch takes no value/],
  [['run'], /no configuration: name a file, or make gateway\.yaml with `gatewright init`/],
  [['run', 'gone.yaml'], /there is no file gone\.yaml/],
  [['run', '--workers', 'all'], /--workers: 'all' must be auto or a whole number, 1 to 1024/],
  [['run', '--workers', '0'], /--workers: '0' must be a whole number, 1 to 1024/],
  [['run', '--limits', 'each'], /--limits: is for --workers/],
  [['run', '--workers', '2', '--limits', 'half'], /--limits: 'half' must be divided or each/],
  [['explain'], /an argument is missing: gatewright explain \[METHOD\] URL/],
  [['version', 'x'], /'x' is one argument too many/],
  [['keys', 'old'], /'old' is nothing that can be done with keys: new/],
  [['proxy'], /--to is missing/],
  [['proxy', '--to', 'http://a', '--from', ':x'], /--from: ':x' must be \[ADDRESS\]:PORT/],
  [['help', 'chek'], /there is no command 'chek'; did you mean 'check'\?\nSee: gatewright help/],
  [['check', ''], /the name of a file is empty/],
  [
    ['check', 'ftp://a/b.yaml'],
    /'ftp:\/\/a\/b\.yaml': a configuration is a path, or a URL that begins with http/
  ],
  [['diff', 'a.yaml', 'file:///b.yaml'], /'file:\/\/\/b\.yaml': a configuration is a path/],
  [['explain', 'http://[::1'], /'http:\/\/\[::1' is neither a path nor a URL/],
  [['explain', '/', '-H', 'a: b\nc: d'], /--header: 'a: b\nc: d' must be "name: value"/],
  [['init', 'gateway.toml'], /'gateway\.toml' must end with \.yaml, \.yml, \.json/],
  [['history', 'none'], /none is no history: `gatewright run --history FOLDER` makes one/],
  [['rollback', '.', 'x'], /'x' is no version: `gatewright history FOLDER` lists them/],
  [['completion', 'tcsh'], /'tcsh' is none of bash, zsh, fish/]
]
for (const [argv, expected] of MISTAKES)
  test(`gatewright ${argv.join(' ')} says what is wrong, and exits with 2`, async (t) => {
    const { code, out, err } = await gatewright(t, argv)
    assert.equal(code, 2)
    assert.equal(out, '')
    assert.match(err, expected)
  })

test('check says that a file is right', async (t) => {
  assert.deepEqual(await gatewright(t, ['check'], RIGHT).then(({ code, out }) => [code, out]), [
    0,
    'gateway.yaml: ok (2 routes, 1 pools)\n'
  ])
})

test('check lists problems with their lines, as text and as JSON, and exits with 1', async (t) => {
  const text = await gatewright(t, ['check', 'gateway.yaml'], WRONG)
  assert.equal(text.code, 1)
  assert.match(
    text.out,
    /^gateway\.yaml:5:28 {2}routes\[2\]\.pool: there is no pool 'ap'; did you mean 'app'\?\n {2}5 \| /
  )
  const json = await gatewright(t, ['check', '--json'], WRONG)
  assert.equal(json.code, 1)
  const { ok, problems } = JSON.parse(json.out)
  assert.equal(ok, false)
  assert.deepEqual(problems[0].position, { file: 'gateway.yaml', line: 5, column: 28 })
})

test('check writes no log where the configuration will', async (t) => {
  const { code, cwd } = await gatewright(
    t,
    ['check'],
    `${RIGHT}accessLog: { destination: /nowhere/at/all.log }\n`
  )
  assert.equal(code, 0)
  assert.throws(() => readFileSync(join(cwd, '/nowhere/at/all.log')))
})

const VARIABLES: readonly [env: Readonly<Record<string, string>>, expected: RegExp][] = [
  [{ PROXY_METRICS_ADDRESS: 'x' }, /PROXY_METRICS_ADDRESS: 'x' must be \[ADDRESS\]:PORT/],
  [{ PROXY_LOG_LEVEL: 'loud' }, /'loud' is no level of the log/],
  [{ PROXY_ADMIN_ADDRESS: ':1' }, /PROXY_ADMIN_ADDRESS is set: there is no admin listener/],
  [{ PROXY_TRACE_ENDPOINT: 'http://a' }, /PROXY_TRACE_ENDPOINT is set: traces leave by an OpenTelemetry SDK/],
  [{ PROXY_TLS_CERT: 'a.pem' }, /PROXY_TLS_CERT is set: the gateway listens without TLS/],
  [{ PROXY_TLS_KEY: 'a.key' }, /PROXY_TLS_KEY is set: the gateway listens without TLS/]
]
for (const [env, expected] of VARIABLES)
  test(`run says what is wrong with ${Object.keys(env).join()} in the environment`, async (t) => {
    const { code, err } = await gatewright(t, ['run'], RIGHT, env)
    assert.equal(code, 2)
    assert.match(err, expected)
  })

test('the file may be named by the environment', async (t) => {
  const { code, out } = await gatewright(t, ['check'], RIGHT, { PROXY_CONFIG_FILE: './gateway.yaml' })
  assert.deepEqual([code, out], [0, './gateway.yaml: ok (2 routes, 1 pools)\n'])
})

test('routes lists the table', async (t) => {
  const { out } = await gatewright(t, ['routes'], RIGHT)
  assert.match(out, /^METHODS\s+HOST\s+PATH\s+GOES TO/)
  assert.match(out, /^GET,HEAD\s+\*\s+\/users\/\*\s+pool app/m)
  const json = JSON.parse((await gatewright(t, ['routes', '--json'], RIGHT)).out)
  assert.deepEqual(
    json.map(({ id, action, pool }: never) => [id, action, pool]),
    [
      ['users', 'forward', 'app'],
      ['hello', 'respond', null]
    ]
  )
})

test('explain says where a request goes, and why', async (t) => {
  const { code, out } = await gatewright(t, ['explain', '/users/7?a=1'], RIGHT)
  assert.equal(code, 0)
  assert.match(out, /^route\s+users$/m)
  assert.match(out, /^upstream\s+http:\/\/localhost:3000\/users\/7\?a=1$/m)
  const post = await gatewright(t, ['explain', 'post', '/users/7', '-H', 'x-a: b', '--json'], RIGHT)
  assert.deepEqual(JSON.parse(post.out).allow, ['GET', 'HEAD'])
})

test('explain says in which file and line each value of the route stands', async (t) => {
  const { out } = await gatewright(t, ['explain', '/users/7'], RIGHT)
  assert.match(out, /^said by\s+routes\[0\]\.path: "\/users\/\*" {2}\(gateway\.yaml:3\)$/m)
  assert.match(
    out,
    /^said by\s+pools\.app\.endpoints: \["http:\/\/localhost:3000"\] {2}\(gateway\.yaml:1\)$/m
  )
  const { values } = JSON.parse((await gatewright(t, ['explain', '/users/7', '--json'], RIGHT)).out)
  assert.deepEqual(values[1].position, { file: 'gateway.yaml', line: 3, column: 18 })
})

test('export prints one file that is the same, without secrets unless they are asked for', async (t) => {
  const secret = `${RIGHT}  - { path: /s, respond: { body: "\${APP_TOKEN}" } }\n`
  const env = { APP_TOKEN: 'hunter22' }
  const hidden = await gatewright(t, ['export'], secret, env)
  assert.equal(hidden.code, 0)
  assert.match(hidden.err, /secrets are shown as \*\*\*; --secrets prints them/)
  assert.doesNotMatch(hidden.out, /hunter22/)
  const { out } = await gatewright(t, ['export', '--secrets'], secret, env)
  assert.match(out, /body: hunter22/)
  const again = await gatewright(t, ['export', '--secrets'], out)
  assert.deepEqual([again.out, again.err], [out, ''])
  const json = await gatewright(t, ['export', '--format', 'json'], RIGHT)
  assert.deepEqual(JSON.parse(json.out).routes.length, 2)
  const ts = await gatewright(t, ['export', '--format', 'ts'], RIGHT)
  assert.match(ts.out, /^import \{ defineGateway \} from '@gatewright\/config'\n/)
  const wrong = await gatewright(t, ['export', '--format', 'toml'], RIGHT)
  assert.match(wrong.err, /--format: 'toml' is none of yaml, json, ts/)
})

test('init writes a file that is right, and never over another', async (t) => {
  const { code, cwd } = await gatewright(t, ['init'])
  assert.equal(code, 0)
  const text = readFileSync(join(cwd, 'gateway.yaml'), 'utf8')
  assert.equal((await gatewright(t, ['check'], text)).code, 0)
  const again = await gatewright(t, ['init'], RIGHT)
  assert.equal(again.code, 2)
  assert.match(again.err, /gateway\.yaml is there already: --force writes over it/)
  assert.equal(readFileSync(join(again.cwd, 'gateway.yaml'), 'utf8'), RIGHT)
})

test('init writes JSON into a file that ends with .json', async (t) => {
  const { code, cwd } = await gatewright(t, ['init', 'gateway.json'])
  assert.equal(code, 0)
  const { routes } = JSON.parse(readFileSync(join(cwd, 'gateway.json'), 'utf8'))
  assert.deepEqual(
    routes.map(({ id }: { id: string }) => id),
    ['hello', 'app']
  )
})

test('keys new makes a key and its hash', async (t) => {
  const { out } = await gatewright(t, ['keys', 'new', '--prefix', 'shop', '--json'])
  const { key, hash } = JSON.parse(out)
  assert.match(key, /^shop_/)
  assert.match(hash, /^sha256:/)
  assert.ok(!hash.includes(key))
})

test('completions name every command', async (t) => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out } = await gatewright(t, ['completion', shell])
    assert.equal(code, 0)
    for (const { name } of COMMANDS) assert.ok(out.includes(name), `${shell}: ${name}`)
  }
})
