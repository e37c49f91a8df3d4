import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Caddy on one core: its defaults, with enough idle connections kept for the load. */
export async function caddy({ binary, port, upstreams, folder }) {
  const path = join(folder, 'Caddyfile')
  await writeFile(path, config(port, upstreams))
  return [binary, 'run', '--adapter', 'caddyfile', '--config', path]
}

const config = (port, upstreams) => `{
  admin off
  auto_https off
}
http://:${port} {
  bind 127.0.0.1
  reverse_proxy ${upstreams.map((url) => new URL(url).host).join(' ')} {
    lb_policy round_robin
    transport http {
      keepalive_idle_conns_per_host 512
    }
  }
}
`
