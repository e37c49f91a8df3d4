import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** HAProxy as one process with one thread: keep-alive both ways, X-Forwarded-For. */
export async function haproxy({ binary, port, upstreams, folder }) {
  const path = join(folder, 'haproxy.cfg')
  await writeFile(path, config(port, upstreams))
  return [binary, '-db', '-q', '-f', path]
}

const config = (port, upstreams) => `global
  nbthread 1
  maxconn 4096

defaults
  mode http
  option http-keep-alive
  option forwardfor
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s

frontend entry
  bind 127.0.0.1:${port}
  default_backend main

backend main
  balance roundrobin
  ${upstreams.map((url, index) => `server endpoint${index} ${new URL(url).host}`).join('\n  ')}
`
