import { setTimeout } from 'node:timers/promises'
import type { RedisClient } from './redis-store.js'

/** A connection that the gateway has made itself. */
export interface RedisConnection extends RedisClient {
  disconnect(): void
}

/** What the start, or a change, waits for a server that does not answer, in milliseconds. The gateway then goes on without it. */
const PATIENCE_MS = 1_000
const LONGEST_PAUSE_MS = 1_000

/**
 * Connects to Redis or Valkey by iovalkey, and again whenever the connection is lost. Commands fail at once while there is
 * none. Rejects with an Error that says what to do where iovalkey is not installed. `failed` is told of lost connections.
 */
export async function connectRedis(
  url: string,
  timeoutMs: number,
  failed: (error: unknown) => void
): Promise<RedisConnection> {
  const { Redis } = await load()
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: PATIENCE_MS,
    retryStrategy: (times) => Math.min(times * 50, LONGEST_PAUSE_MS)
  })
  client.on('error', failed)
  const patience = new AbortController()
  try {
    await Promise.race([
      client.connect().catch(() => {}),
      setTimeout(PATIENCE_MS, undefined, { signal: patience.signal })
    ])
  } finally {
    patience.abort()
  }
  return client
}

async function load() {
  try {
    return await import('iovalkey')
  } catch (cause) {
    throw new Error("rateLimitStore.redis as a URL needs 'iovalkey': npm install iovalkey", { cause })
  }
}
