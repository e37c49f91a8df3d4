import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

/** An alert as Prometheus tells it. */
interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly state: 'pending' | 'firing'
}

/** A running Prometheus; made by {@link startPrometheus}. */
export interface Prometheus {
  /** Runs a query. Rejects with what Prometheus says of a wrong one. */
  query(expr: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]>
  alerts(): Promise<ActiveAlert[]>
  /** The rules it has evaluated that failed, with what is wrong with each. */
  brokenRules(): Promise<string[]>
}

/**
 * A real Prometheus that scrapes `target` (host:port) four times a second and reads these rules. Ended with the test;
 * `command` is its path.
 */
export async function startPrometheus(
  t: TestContext,
  command: string,
  { target, rules }: { readonly target: string; readonly rules: string }
): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-prometheus-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'rules.yml'), rules)
  await writeFile(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '250ms', evaluation_interval: '250ms' },
      rule_files: ['rules.yml'],
      scrape_configs: [
        { job_name: 'gateway', scrape_timeout: '200ms', static_configs: [{ targets: [target] }] }
      ]
    })
  )
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(
    command,
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] }
  )
  const exited = once(child, 'exit')
  let log = ''
  child.stderr.on('data', (text) => {
    log += text
  })
  t.after(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(url + path)
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string }
    if (status !== 'success') throw new Error(error)
    return data
  }
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`Prometheus did not start:\n${log}`)
    await wait(20)
  }
  return {
    async query(expr) {
      const { result } = await ask<{ result: Awaited<ReturnType<Prometheus['query']>> }>(
        `/api/v1/query?query=${encodeURIComponent(expr)}`
      )
      return result
    },
    async alerts() {
      return (await ask<{ alerts: ActiveAlert[] }>('/api/v1/alerts')).alerts
    },
    async brokenRules() {
      const { groups } = await ask<{
        groups: { rules: { name: string; health: string; lastError?: string }[] }[]
      }>('/api/v1/rules')
      return groups.flatMap(({ rules }) =>
        rules.flatMap(({ name, health, lastError }) =>
          health === 'ok' ? [] : [`${name}: ${health} ${lastError}`]
        )
      )
    }
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`)).ok
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
