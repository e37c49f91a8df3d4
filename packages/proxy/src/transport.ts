import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

// Required as the CommonJS packages they are: before it imports one, Node reads all its files for the names of their
// exports, which takes a twentieth of a gateway's start.

/** Undici, which speaks HTTP with the endpoints. */
export const { Client } = require('undici') as typeof import('undici')

/** Reply-from, which drives the reply. */
export const replyFrom = require('@fastify/reply-from') as typeof import('@fastify/reply-from')
