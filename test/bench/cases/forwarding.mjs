import { betweenCandidates } from './between-candidates.mjs'
import { downloads, smallJson, smallJsonWithoutKeepAlive, uploads } from './loads.mjs'

const json = [1, 10, 64, 256].map((connections) =>
  betweenCandidates(
    `json-${connections}`,
    `Small JSON, unique URLs, ${connections} connection${connections === 1 ? '' : 's'}`,
    smallJson(connections)
  )
)

/** The gateway beside other proxies. */
export const forwarding = [
  ...json,
  betweenCandidates('download-1m', '1 MiB responses, 16 connections', downloads(16)),
  betweenCandidates('upload-64k', '64 KiB request bodies, 16 connections', uploads(16, 65_536)),
  betweenCandidates('no-keepalive', 'A connection per request, 64 at a time', smallJsonWithoutKeepAlive(64))
]
