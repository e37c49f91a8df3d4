import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { processDirectives, temporaryPaths } from './nginx-config.mjs'
import { FILE_BYTES, FILE_PATH, JSON_BODY, UPLOAD_PATH } from './resources.mjs'

/** An nginx that serves the benchmark's resources on two ports, cheaply: writes its files, returns its command. */
export async function nginxUpstream({ binary, ports, sinkPort, folder }) {
  await mkdir(join(folder, 'file'))
  await writeFile(join(folder, FILE_PATH), Buffer.alloc(FILE_BYTES, 'x'))
  const path = join(folder, 'nginx.conf')
  await writeFile(path, config(ports, sinkPort, folder))
  return [binary, '-p', folder, '-e', 'stderr', '-c', path]
}

// nginx answers `return` before it has read the body. To read it all first, uploads go through its own proxy,
// which buffers the body and then asks the sink without it.
const config = (ports, sinkPort, folder) => `${processDirectives(folder)}
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  client_body_buffer_size 128k;
  ${temporaryPaths(folder)}
  upstream sink {
    server 127.0.0.1:${sinkPort};
    keepalive 64;
    keepalive_requests 1000000000;
  }
  server {
    ${ports.map((port) => `listen 127.0.0.1:${port};`).join('\n    ')}
    location / {
      default_type application/json;
      return 200 '${JSON_BODY}';
    }
    location /file/ {
      root ${folder};
      default_type application/octet-stream;
    }
    location ${UPLOAD_PATH} {
      proxy_pass http://sink;
      proxy_http_version 1.1;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Connection "";
    }
  }
  server {
    listen 127.0.0.1:${sinkPort};
    return 204;
  }
}
`
