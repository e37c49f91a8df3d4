import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { processDirectives, temporaryPaths } from '../upstream/nginx-config.mjs'

/** nginx as one process: keep-alive both ways, X-Forwarded-For, nothing written to disk. */
export async function nginx({ binary, port, upstreams, folder, logged }) {
  const path = join(folder, 'nginx.conf')
  const log = logged ? `${join(folder, 'access.log')} combined` : 'off'
  await writeFile(path, config(port, upstreams, folder, log))
  return [binary, '-p', folder, '-e', 'stderr', '-c', path]
}

const config = (port, upstreams, folder, log) => `${processDirectives(folder)}
http {
  access_log ${log};
  keepalive_requests 1000000000;
  client_max_body_size 0;
  proxy_max_temp_file_size 0;
  ${temporaryPaths(folder)}
  upstream main {
    ${upstreams.map((url) => `server ${new URL(url).host};`).join('\n    ')}
    keepalive 512;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://main;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_request_buffering off;
    }
  }
}
`
