import type { Exchange } from '@gatewright/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { changeReply } from './answering.js'
import type { FilterRecords } from './record.js'

type SendDone = (error: Error | null, payload?: unknown) => void

/** The `onSend` hook that changes responses as filters have said when they were asked about the request. */
export function responseChanges(records: FilterRecords) {
  return function changeResponse(
    { exchange }: FastifyRequest,
    reply: FastifyReply,
    payload: unknown,
    done: SendDone
  ): void {
    const { responseChanges: changes = [] } = records.find(exchange as Exchange) ?? {}
    if (changes.length > 0) changeReply(changes, reply)
    done(null, payload)
  }
}
