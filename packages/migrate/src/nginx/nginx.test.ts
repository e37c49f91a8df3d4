import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate } from '../migrate.js'
import { MigrationError, type MigrationNote } from '../migration.js'

const from = (text: string, files: Readonly<Record<string, string>> = {}) =>
  migrate('nginx', {
    file: 'etc/nginx.conf',
    text,
    read: (path) => files[path],
    expand: (pattern) => Object.keys(files).filter((path) => path.startsWith(pattern.replace(/\*.*$/, '')))
  })

const told = (notes: readonly MigrationNote[]): readonly string[] =>
  notes.map(({ line, kind, what }) => `${line} ${kind} ${what}`)

test('every directive is translated or told, known or not', async () => {
  const { notes } = await from(`user a;
http {
  made_up on;
  server {
    listen 8080;
    ssl_certificate a.pem;
    location / {
      proxy_pass http://a;
      proxy_cache c;
      another_one { x 1; }
    }
  }
}`)
  assert.deepEqual(told(notes), [
    '1 not-needed user',
    '3 left-out made_up',
    '6 left-out ssl_certificate',
    '9 left-out proxy_cache',
    '10 left-out another_one',
    '10 left-out x'
  ])
})

test('an upstream is a pool with weights, balancing, and servers that stand in', async () => {
  const { config } = await from(`
    upstream a { ip_hash; server h1:81 weight=5; server h2 down; server h3 backup; server h4 max_fails=3 fail_timeout=1m; }
    server { location / { proxy_pass http://a; } }`)
  assert.deepEqual(config.pools, {
    a: {
      endpoints: [
        { url: 'http://h1:81', weight: 5, authority: 'a' },
        { url: 'http://h2', weight: 0, authority: 'a' },
        { url: 'http://h4', authority: 'a' }
      ],
      balancing: { type: 'consistent-hash', key: 'client', boundedLoad: false },
      outlierDetection: {
        consecutiveErrors: 0,
        consecutiveLocalErrors: 1,
        ejection: '10s',
        maxEjection: '10s',
        maxEjectionPercent: 99
      },
      unhealthy: { policy: 'none' }
    },
    'a-backup': {
      endpoints: [{ url: 'http://h3', authority: 'a' }],
      balancing: { type: 'consistent-hash', key: 'client', boundedLoad: false }
    }
  })
  assert.deepEqual(config.routes?.[0]?.fallback, { pool: 'a-backup' })
})

test('what guards a location and cannot be translated closes its route', async () => {
  const { config, notes } = await from(`server {
    location /a/ { auth_jwt "x"; proxy_pass http://a; }
    location /b/ { deny 1.2.3.4; allow all; proxy_pass http://a; }
    location /c/ { auth_request /nowhere; proxy_pass http://a; }
    location /d/ { auth_basic "x"; auth_basic_user_file f; proxy_pass http://a; }
    location /e/ { proxy_pass http://a; }
  }`)
  const routes = config.routes?.filter(({ path }) => path.endsWith('*')) ?? []
  assert.deepEqual(
    routes.map(({ path, respond, auth }) => [path, respond === undefined ? 'forwards' : 'closed', auth]),
    [
      ['/a/*', 'closed', undefined],
      ['/b/*', 'closed', undefined],
      ['/c/*', 'closed', undefined],
      ['/d/*', 'forwards', 'basic'],
      ['/e/*', 'forwards', undefined]
    ]
  )
  assert.equal(notes.filter(({ kind }) => kind === 'closed').length, 4)
})

test('what is included stands in its place, and what is not there is told', async () => {
  const { config, notes } = await from('http { include conf.d/*.conf; include gone.conf; }', {
    'etc/conf.d/a.conf': '\nserver { server_name a.example; location / { proxy_pass http://a; foo; } }'
  })
  assert.deepEqual(Object.keys(config.pools ?? {}), ['a'])
  assert.deepEqual(
    notes.map(({ file, line, what }) => [file, line, what]),
    [
      ['etc/conf.d/a.conf', 2, 'foo'],
      ['etc/nginx.conf', 1, 'include']
    ]
  )
})

test('a location that forwards where nobody knows does not fall to a broader one', async () => {
  const { config } = await from(`server {
    location /a/ { proxy_pass http://$http_x; }
    location /b/ { root html; }
    location / { proxy_pass http://a; }
  }`)
  const responses = Object.fromEntries(
    config.routes?.map(({ path, respond }) => [path, respond?.status]) ?? []
  )
  assert.deepEqual(responses, { '/a/*': 403, '/b/*': 404, '/*': undefined })
})

test('what is not nginx is told with its line', async () => {
  for (const [text, message] of [
    ['a {', "etc/nginx.conf:1  the block of 'a' is not closed"],
    ['a;\n}', "etc/nginx.conf:2  '}' closes nothing"],
    ['a;\nb', "etc/nginx.conf:2  'b' does not end with ';'"]
  ] as const)
    await assert.rejects(from(text), (error) => error instanceof MigrationError && error.message === message)
})

test('a guarded location below a ^~ stays guarded beside expressions, and client certificates close', async () => {
  const { config } = await from(`server {
    location ^~ /s/ { proxy_pass http://a; }
    location /s/admin/ { auth_basic x; proxy_pass http://a; }
    location ~ x$ { proxy_pass http://b; }
    location /tls/ { ssl_verify_client on; proxy_pass http://a; }
  }`)
  const paths = config.routes?.map(({ path }) => path) ?? []
  assert.ok(
    paths.indexOf('~^/s/admin/') >= 0 && paths.indexOf('~^/s/admin/') < paths.indexOf('~^/s/'),
    paths.join(' ')
  )
  assert.equal(config.routes?.find(({ path }) => path === '~^/s/admin/')?.auth, 'basic')
  assert.equal(config.routes?.find(({ path }) => path === '/tls/*')?.respond?.status, 403)
})
