import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { freePort } from './free-port.js'

/** A running nginx; made by {@link startNginx}. */
export interface Nginx {
  /** `http://127.0.0.1:41234`. */
  readonly url: string
  /** Its document root. Gone when the test ends. */
  readonly folder: string
}

/**
 * A real nginx on a free loopback port, ended with the test. `command` is its path; `server` is what stands in
 * its server block, `http` what stands behind it.
 */
export async function startNginx(t: TestContext, command: string, server: string, http = ''): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-nginx-'))
  t.after(() => rm(folder, { recursive: true }))
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  await writeFile(file, configuration(folder, port, server, http))
  const child = spawn(command, ['-p', folder, '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGTERM')
    await exited
  })
  let log = ''
  for await (const line of createInterface(child.stderr)) {
    log += `${line}\n`
    // It listens before it says how it waits for events.
    if (line.includes('event method')) {
      child.stderr.resume()
      return { url: `http://127.0.0.1:${port}`, folder }
    }
  }
  throw new Error(`nginx did not start:\n${log}`)
}

function configuration(folder: string, port: number, server: string, http: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr notice;
events {}
http {
  access_log off;
  ${paths.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  types { text/plain txt; application/octet-stream bin; }
  server { listen 127.0.0.1:${port}; root ${folder}; ${server} }
  ${http.replaceAll('PORT', `127.0.0.1:${port}`)}
}
`
}
