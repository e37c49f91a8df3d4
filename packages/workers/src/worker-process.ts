import cluster, { type Worker } from 'node:cluster'
import type { Port } from './channel.js'

/** How a process has ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
}

/** A process that serves, as the primary sees it. No method throws. */
export interface WorkerProcess extends Port {
  readonly pid: number
  kill(): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once. */
  onEnd(listener: (ended: Ended) => void): void
}

/** Starts a process. */
export type Fork = () => WorkerProcess

/** What workers are started with. */
export interface ForkOptions {
  /** The program, and its arguments. */
  readonly program: string
  readonly args: readonly string[]
  readonly nodeOptions: readonly string[]
}

/** In the environment of a worker: that it is one of these, and not of another cluster. */
export const WORKER_MARK = 'GW_WORKER'

/**
 * Starts workers by node:cluster. The primary accepts the connections and hands each to the next worker that is free
 * (`SCHED_RR`): they are spread evenly, and a port stays open while workers come and go.
 */
export function clusterFork({ program, args, nodeOptions }: ForkOptions): Fork {
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({ exec: program, args: [...args], execArgv: [...nodeOptions] })
  return () => adapted(cluster.fork({ [WORKER_MARK]: '1' }))
}

function adapted(worker: Worker): WorkerProcess {
  // Of a channel that breaks; that the worker ends is told apart.
  worker.on('error', () => {})
  worker.process.on('error', () => {})
  return {
    pid: worker.process.pid ?? 0,
    send(message) {
      if (!worker.isConnected()) return
      try {
        worker.process.send?.(message, () => {})
      } catch {
        // The channel has closed in this very moment.
      }
    },
    // Not `worker.kill`, which waits for a worker that may be stuck.
    kill: () => worker.process.kill('SIGKILL'),
    onMessage: (listener) => worker.process.on('message', (message) => listener(message)),
    onEnd(listener) {
      let isOver = false
      const end = (code: number | null, signal: string | null): void => {
        if (isOver) return
        isOver = true
        listener({ code, signal })
      }
      worker.process.once('exit', end)
      // A process that could not be started has no exit.
      worker.process.once('error', () => {
        if (worker.process.pid === undefined) end(null, null)
      })
    }
  }
}
