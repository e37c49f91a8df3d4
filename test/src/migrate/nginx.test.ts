import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate } from '@gatewright/migrate'
import { fakeUpstream } from '@gatewright/testing'
import { assertAlike, type Probe } from '../support/compared-proxies.js'
import { ensureCommand } from '../support/debian.js'
import { startNginx } from '../support/nginx.js'
import { startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 200_000 }

const HTTP = `
  limit_req_zone $binary_remote_addr zone=slow:1m rate=1r/m;
  upstream backend { server A; keepalive 8; }
  server {
    listen PORT;
    server_name shop.example *.shop.example;
    proxy_set_header Host $host;
    proxy_set_header X-Shop "yes";
    location / { proxy_pass http://backend; }
    location /only/ { limit_except GET { deny all; } proxy_pass http://B; }
  }
  server {
    listen PORT;
    server_name moved.example;
    return 301 https://new.example$request_uri;
  }
  server {
    listen PORT;
    server_name bare.example;
    location /in/ { proxy_pass http://backend; }
  }
`

const SERVER = `
  client_max_body_size 1k;
  proxy_set_header Host $host;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Id "$http_x_user-$arg_id";
  proxy_set_header X-Secret "";
  add_header X-Always here always;
  add_header X-Success here;
  location / { proxy_pass http://backend; }
  location = /exact { proxy_pass http://B; }
  location = /set { proxy_pass http://B/other/path; }
  location /plain/ { proxy_pass http://B; }
  location /strip/ { proxy_pass http://B/; }
  location /add/ { proxy_pass http://B/v1/; }
  location /glue/ { proxy_pass http://B/v1-; }
  location /deep/er/ { proxy_pass http://B/x/; }
  location ^~ /static/ { proxy_pass http://A; }
  location ~* \\.(png|jpe?g)$ { proxy_pass http://B; }
  location ~ ^/users/(\\d+)/(.*)$ { proxy_pass http://B/u/$1$is_args$args; }
  location ~ ^/named/(?<name>[a-z]+)$ { proxy_pass http://B/n/$name$is_args$args; }
  location /host/ { proxy_set_header Host $http_host; proxy_set_header X-Real-IP $remote_addr; proxy_pass http://B; }
  location /own-host/ { proxy_set_header X-Real-IP none; proxy_pass http://backend; }
  location /break/ { rewrite ^/break/(.*)$ /broken/$1 break; proxy_pass http://B; }
  location /redirect/ { rewrite ^/redirect/(.*)$ /to/$1 permanent; }
  location /found/ { rewrite ^/found/(.*)$ http://other.example/$1 redirect; }
  location = /ok { return 200 "fine"; }
  location = /gone { return 410; }
  location = /empty { return 204; }
  location /away/ { return 302 http://other.example/place; }
  location /see/ { return 307 $scheme://other.example$request_uri; }
  location /refused/ { deny all; }
  location /local/ { allow 127.0.0.1; deny all; proxy_pass http://B; }
  location /not-local/ { allow 10.0.0.0/8; deny all; proxy_pass http://B; }
  location /options/ { if ($request_method = OPTIONS) { return 204; } proxy_pass http://B; }
  location /beta/ { if ($http_x_beta = "on") { return 418; } proxy_pass http://B; }
  location /word/ { if ($http_x_word ~ "^a.c$") { return 403; } proxy_pass http://B; }
  location /query/ { if ($arg_old) { return 410; } proxy_pass http://B; }
  location /hidden/ { internal; proxy_pass http://B; }
  location /outer/ {
    proxy_pass http://B;
    location /outer/inner/ { proxy_pass http://A; }
    location ~ \\.txt$ { proxy_pass http://A; }
  }
  location /method/ { proxy_method POST; proxy_pass http://B; }
  location = /auth { internal; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_pass http://C/check; }
  location /asked/ { auth_request /auth; proxy_pass http://A; }
  location /slow/ { limit_req zone=slow; limit_req_status 429; proxy_pass http://B; }
`

const PATHS = [
  '/',
  '/a',
  '/a/b?x=1',
  '/exact',
  '/exact/',
  '/exact?q',
  '/set',
  '/set?q=1',
  '/plain/x',
  '/plain',
  '/strip/',
  '/strip/a/b',
  '/strip?x',
  '/add/',
  '/add/a',
  '/add/a?b=c&d',
  '/glue/x',
  '/glue/',
  '/deep/er/x',
  '/deep/e',
  '/static/a.png',
  '/static/',
  '/a.png',
  '/A.PNG',
  '/b.jpeg?x',
  '/b.jpegs',
  '/users/7/posts',
  '/users/7/',
  '/users/x/y',
  '/users/7/p?q=1',
  '/named/abc',
  '/named/abc?d=e',
  '/named/ABC',
  '/host/x',
  '/own-host/x',
  '/break/x',
  '/break/x?y',
  '/redirect/x',
  '/redirect/x?y=z',
  '/found/x',
  '/ok',
  '/gone',
  '/empty',
  '/see/x?y=1',
  '/refused/x',
  '/local/x',
  '/not-local/x',
  '/options/x',
  '/beta/x',
  '/word/x',
  '/query/x',
  '/query/x?old=1',
  '/hidden/x',
  '/outer/x',
  '/outer/inner/x',
  '/outer/x.txt',
  '/method/x',
  '/asked/x'
]

const METHODS = ['GET', 'POST', 'OPTIONS', 'DELETE']

function probes(): readonly Probe[] {
  const main = METHODS.flatMap((method) =>
    PATHS.map((path) => ({
      method,
      path,
      headers: { host: 'any.example', 'x-user': 'joe', 'x-secret': 'mine', 'x-real-ip': '9.9.9.9' },
      ...(method === 'POST' ? { body: 'text' } : {})
    }))
  )
  const hosts = [
    'shop.example',
    'eu.shop.example',
    'SHOP.example',
    'moved.example',
    'bare.example',
    'shop.example:81'
  ].flatMap((host) =>
    ['/', '/in/x', '/in', '/only/x', '/other?a=b'].flatMap((path) =>
      // nginx answers 405 for a file that is not there.
      ['GET', 'HEAD', ...(host === 'bare.example' ? [] : ['PUT'])].map((method) => ({
        method,
        path,
        headers: { host }
      }))
    )
  )
  const conditions = [
    { method: 'GET', path: '/beta/x', headers: { host: 'a', 'x-beta': 'on' } },
    { method: 'GET', path: '/beta/x', headers: { host: 'a', 'x-beta': 'off' } },
    { method: 'GET', path: '/word/x', headers: { host: 'a', 'x-word': 'abc' } },
    { method: 'GET', path: '/word/x', headers: { host: 'a', 'x-word': 'abcd' } },
    { method: 'POST', path: '/a', headers: { host: 'a' }, body: 'x'.repeat(1_024) },
    { method: 'POST', path: '/a', headers: { host: 'a' }, body: 'x'.repeat(1_025) },
    { method: 'GET', path: '/slow/x', headers: { host: 'a' } },
    { method: 'GET', path: '/slow/x', headers: { host: 'a' } }
  ]
  return [...main, ...hosts, ...conditions]
}

test('what is translated from nginx does what nginx does, over 200 requests', bounded, async (t) => {
  const command = await ensureCommand(t, 'nginx', { package: 'nginx-light' })
  if (command === null) return
  const [a, b] = [await fakeUpstream(t, { body: 'a' }), await fakeUpstream(t, { body: 'b' })]
  const checks = await fakeUpstream(t)
  const filled = (text: string): string =>
    text
      .replaceAll(/http:\/\/C\b/g, checks.url)
      .replaceAll(/\bA\b(?=;)/g, a.host)
      .replaceAll(/http:\/\/A\b/g, a.url)
      .replaceAll(/http:\/\/B\b/g, b.url)
  const nginx = await startNginx(t, command, filled(SERVER), filled(HTTP))
  const port = new URL(nginx.url).host
  const { config } = await migrate('nginx', {
    file: 'nginx.conf',
    text: `http { server { listen ${port}; ${filled(SERVER)} } ${filled(HTTP).replaceAll('PORT', port)} }`,
    read: () => undefined
  })
  const { listen: _, ...others } = config
  const gateway = await startGateway(t, others)
  const all = probes()
  assert.ok(all.length >= 200)
  await assertAlike(
    [nginx.url, gateway.url],
    all,
    { a, b },
    {
      response: ['x-always', 'x-success'],
      request: ['host', 'x-real-ip', 'x-id', 'x-secret', 'x-shop']
    }
  )
})
