import cluster from 'node:cluster'
import { processTimers } from '@gatewright/core'
import { Channel } from './channel.js'
import { fieldsOf, numberIn, textIn } from './frame.js'
import { RunningGateway } from './running-gateway.js'
import { WORKER_MARK } from './worker-process.js'
import type { WorkerProgram } from './worker-program.js'

/** What a worker may take longer than its last stage, in milliseconds, before it ends whatever is left. */
const GRACE_MS = 5_000

/** Whether this process is a worker that `startWorkers` has started, and so may call {@link serveWorker}. */
export function isGatewayWorker(): boolean {
  return cluster.isWorker && process.env[WORKER_MARK] === '1' && process.send !== undefined
}

/**
 * Serves in a worker process until the primary ends it. Throws where the process is no such worker.
 *
 * @example
 * serveWorker({ read: async (version) => ({ config: JSON.parse(version) }) })
 */
export function serveWorker(program: WorkerProgram): void {
  if (!isGatewayWorker()) throw new Error('this process is no worker: startWorkers starts them')
  const gateway = new RunningGateway(program, () => channel)
  const channel: Channel = new Channel(
    { send },
    {
      told(type, { body }) {
        if (type === 'abandon') gateway.abandon()
        else if (type === 'cut-off') gateway.cutOff()
        else if (type === 'stop') void stop(stopOptions(body))
      },
      async asked(type, { body, text }) {
        if (type === 'ping') return {}
        if (type === 'start') {
          const base = fieldsOf(body).base
          return await gateway.start({
            version: text,
            base: typeof base === 'string' ? base : null,
            source: textIn(body, 'source'),
            processes: numberIn(body, 'processes') || 1
          })
        }
        if (type === 'prepare') return await gateway.prepare(text, textIn(body, 'source'))
        if (type === 'commit') return await gateway.commit()
        if (type === 'metrics') return await gateway.metrics()
        if (type === 'scrape')
          return await gateway.scrape(textIn(body, 'path'), fieldsOf(fieldsOf(body).headers))
        throw new Error(`nobody answers '${type}'`)
      }
    },
    processTimers
  )
  process.on('message', (message) => channel.received(message))
  heedSignals(channel)
  channel.tell('hello')
  // The primary has gone: its port too. What is in flight gets its time; Node itself would exit at once.
  cluster.worker?.once('disconnect', () => {
    channel.close()
    if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true
    void stop({ waitMs: 0 })
  })

  let stopping = false
  async function stop(options: { readonly waitMs?: number; readonly announce?: boolean }): Promise<void> {
    if (stopping) return
    stopping = true
    const isWell = await gateway.stop(options)
    // The last counts, which would be lost with the process.
    const { text, body } = await gateway.metrics().catch(() => ({ text: '', body: {} }))
    if (text !== '') channel.tell('metrics', body, text)
    await flushed()
    process.exit(isWell ? 0 : 1)
  }
}

// A terminal and systemd send a signal to all processes, but it is the primary that stops them. Sent to a worker alone,
// SIGTERM has it replaced.
function heedSignals(channel: Channel): void {
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {})
  process.on('SIGTERM', () => channel.tell('leave'))
}

function stopOptions(body: unknown): { readonly waitMs?: number; readonly announce?: boolean } {
  const { waitMs, announce } = fieldsOf(body)
  return typeof waitMs === 'number' ? { waitMs, announce: announce === true } : {}
}

function send(message: object): void {
  if (!process.connected) return
  try {
    process.send?.(message, undefined, undefined, () => {})
  } catch {
    // The channel has closed in this very moment.
  }
}

// Resolves when everything before has been handed to the system, or cannot be.
function flushed(): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) {
      resolve()
      return
    }
    processTimers.after(GRACE_MS, resolve, true)
    try {
      process.send?.({ flushed: true }, undefined, undefined, () => resolve())
    } catch {
      resolve()
    }
  })
}
