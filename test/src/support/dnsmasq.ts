import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

/** A real DNS server that knows what the test tells it; made by {@link startDnsmasq}. */
export interface DnsServer {
  /** `127.0.0.1:41234`. */
  readonly address: string
  /** Replaces everything it knows: lines of dnsmasq's configuration, such as `host-record=a.test,127.0.0.2`. */
  knows(...lines: string[]): Promise<void>
}

/** Starts dnsmasq on a free loopback port; `command` is its path. It ends with the test. */
export async function startDnsmasq(t: TestContext, command: string, ...lines: string[]): Promise<DnsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-dns-'))
  const port = await freePort()
  const address = `127.0.0.1:${port}`
  let child: ChildProcess | null = null
  const end = async (): Promise<void> => {
    if (child === null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  t.after(async () => {
    await end()
    await rm(folder, { recursive: true })
  })
  const server: DnsServer = {
    address,
    async knows(...known) {
      await end()
      const file = join(folder, 'dnsmasq.conf')
      await writeFile(file, [...CONFIGURATION, `port=${port}`, ...known, ''].join('\n'))
      child = spawn(command, ['--keep-in-foreground', `--conf-file=${file}`], { stdio: 'ignore' })
      await answers(address, child)
    }
  }
  await server.knows(...lines)
  return server
}

const CONFIGURATION = [
  'listen-address=127.0.0.1',
  'bind-interfaces',
  'no-resolv',
  'no-hosts',
  'no-daemon',
  'local-ttl=1',
  'pid-file=',
  'user=root',
  'host-record=up.test,127.0.0.1'
]

async function answers(address: string, child: ChildProcess): Promise<void> {
  const resolver = new Resolver({ timeout: 200, tries: 1 })
  resolver.setServers([address])
  for (;;) {
    try {
      await resolver.resolve4('up.test')
      return
    } catch {
      if (child.exitCode !== null) throw new Error(`dnsmasq ended with ${child.exitCode}`)
      // Not yet. There is nothing to wait for but the answer itself.
      await wait(20)
    }
  }
}

const FIRST_PORT = 20_000
const PORTS = 10_000

// It listens on UDP and TCP. Below the ports that the system hands out, no connection of another test takes it meanwhile.
async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
    const udp = createSocket('udp4')
    const tcp = createServer()
    try {
      udp.bind(port, '127.0.0.1')
      await once(udp, 'listening')
      tcp.listen(port, '127.0.0.1')
      await once(tcp, 'listening')
      return port
    } catch {
      // Taken: another one.
    } finally {
      udp.close()
      tcp.close()
    }
  }
}
