import type { Clock, Exchange, ExchangeObserver } from '@gatewright/core'
import { createFieldTexts } from './field-texts.js'
import { jsonLine, plainLine } from './json.js'
import { type AccessLogLine, sourceOf } from './line.js'
import { LineFacts } from './line-facts.js'
import { prettyLine } from './pretty.js'
import { isLogged } from './selection.js'
import { type AccessLogSettings, resolveAccessLog } from './settings.js'
import { createTimestamps } from './timestamp.js'

/** The observer that puts exchanges into lines. `wallClock` is in milliseconds since the epoch. */
export function createAccessLog(
  settings: AccessLogSettings,
  write: (line: string) => void,
  wallClock: Clock = Date.now
): ExchangeObserver {
  const timestampOf = createTimestamps()
  const texts = createFieldTexts()
  const { destination } = settings
  let facts = new LineFacts([])
  const colour = ((destination ?? process.stdout) as { readonly isTTY?: boolean }).isTTY === true
  return {
    closed(exchange) {
      if (!isLogged(exchange, settings)) return
      const source = sourceOf(exchange, settings, timestampOf(wallClock()))
      if (facts.all !== exchange.snapshot.facts) facts = new LineFacts(exchange.snapshot.facts)
      write(
        settings.format === 'json' ? jsonLine(source, texts, facts) : prettyLine(plainLine(source), colour)
      )
    }
  }
}

/**
 * The fields of the access log's line for an ended exchange, with printable text: for a sink of your own.
 * Without the query and headers.
 */
export function lineOf(exchange: Exchange): AccessLogLine {
  return plainLine(sourceOf(exchange, BARE, new Date().toISOString()))
}

const BARE = resolveAccessLog(true) as AccessLogSettings
