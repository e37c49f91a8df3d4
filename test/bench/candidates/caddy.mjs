import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Caddy on one core: its defaults, with enough idle connections kept for the load. */
export async function caddy({ binary, port, upstreams, folder, logged }) {
  const path = join(folder, 'Caddyfile')
  await writeFile(path, config(port, upstreams, logged ? logTo(join(folder, 'access.log')) : ''))
  return [binary, 'run', '--adapter', 'caddyfile', '--config', path]
}

// Its default roll-over would be 100 MB.
const logTo = (path) => `log {
    output file ${path}
  }`

const config = (port, upstreams, log) => `{
  admin off
  auto_https off
}
http://:${port} {
  bind 127.0.0.1
  ${log}
  reverse_proxy ${upstreams.map((url) => new URL(url).host).join(' ')} {
    lb_policy round_robin
    transport http {
      keepalive_idle_conns_per_host 512
    }
  }
}
`
