/** What an upstream may send. `@@@@@@` stands for the number of the round, six digits: see {@link answerOf}. */
export interface HostileAnswer {
  readonly bytes: string
  /** The final status, and the content that the bytes behind its head stand for. */
  readonly status: number
  readonly content: string
  /** Where the final head ends; infinite where none comes. */
  readonly headEnd: number
  /** Where the content begins, behind the size of a first chunk. */
  readonly contentAt: number
  /** Where the content ends; infinite where it does not come to its end. */
  readonly end: number
  /** Whether the end of the connection is that of the content. */
  readonly untilClose: boolean
  /** As soon as so many bytes have come, this can be no answer; infinite for one that HTTP allows, or that is only cut off. */
  readonly fault: number
  /** Whether a trailer follows that may be relayed. */
  readonly trailer: boolean
}

const NEVER = Number.POSITIVE_INFINITY
/** Stands behind the byte that makes an answer impossible. */
const FAULT = '\xa6'
const CHUNKED = 'transfer-encoding: chunked\r\n'
const SIZED = 'content-length: 6\r\n'
const TEXT = 'content-type: text/plain\r\n'
const ONE_CHUNK = '6\r\n@@@@@@\r\n0\r\n\r\n'

const head = (fields = '', status = '200 OK', version = '1.1'): string =>
  `HTTP/${version} ${status}\r\nx-round: @@@@@@\r\n${fields}\r\n`

/** `more`: what differs from an answer that ends with its bytes and has the six digits as content. */
function answer(top: string, behind: string, more: Partial<HostileAnswer> = {}): HostileAnswer {
  const fault = (top + behind).indexOf(FAULT)
  const bytes = (top + behind).replace(FAULT, '')
  const status = Number(/HTTP\/1\.[01] ([2-9]\d\d)/.exec(top)?.[1] ?? 0)
  const headEnd = status === 0 ? NEVER : top.replace(FAULT, '').length
  return {
    bytes,
    status,
    content: '@@@@@@',
    headEnd,
    contentAt: headEnd + (/^\w+(?:;.*)?\r\n(?=@)/.exec(behind)?.[0].length ?? 0),
    end: fault < 0 ? bytes.length : NEVER,
    untilClose: false,
    fault: fault < 0 ? NEVER : fault,
    trailer: false,
    ...more
  }
}

const EMPTY = { content: '' }
const TRAILER = { trailer: true }
const UNTIL_CLOSE = { end: NEVER, untilClose: true }

/** Answers that HTTP allows. */
const SOUND: readonly HostileAnswer[] = [
  answer(head(SIZED), '@@@@@@'),
  answer(head(`${TEXT}${SIZED}trailer: x-t\r\n`), '@@@@@@'),
  answer(head(`${SIZED}trailer: x-t\r\n`), '@@@@@@'),
  answer(head(SIZED, '200 Caf\xe9 \xff'), '@@@@@@'),
  answer(head(`${SIZED}x: \xff\t\xe9\r\nvary: a, b\r\nvary: *\r\n`), '@@@@@@'),
  answer(head(`${SIZED}__proto__: a\r\n__proto__: b\r\nconstructor: c\r\n`), '@@@@@@'),
  answer(head(`${SIZED}set-cookie: a=1\r\nset-cookie: b=2\r\nconnection: close\r\n`), '@@@@@@'),
  answer(head(`content-type: a\r\ncontent-type: ;\r\n${SIZED}`), '@@@@@@'),
  answer(head(CHUNKED), ONE_CHUNK),
  answer(head(TEXT + CHUNKED), ONE_CHUNK),
  answer(head(`${TEXT}${CHUNKED}trailer: x-t\r\n`), '6\r\n@@@@@@\r\n0\r\nx-t: 1\r\n\r\n', TRAILER),
  answer(
    head(`${CHUNKED}trailer: x-t\r\n`),
    '1;a=b\r\n@\r\n5\r\n@@@@@\r\n0\r\nx-t: \xff\r\nexpires: 5\r\n\r\n',
    TRAILER
  ),
  answer(head(`${TEXT}${CHUNKED}`), '6\r\n@@@@@@\r\n0\r\ncontent-length: 5\r\n\r\n'),
  answer(
    head(CHUNKED),
    '6\r\n@@@@@@\r\n0\r\nConnection: close\r\ntransfer-encoding: gzip\r\nkeep-alive: timeout=0\r\n\r\n'
  ),
  answer(head(`${CHUNKED}trailer: __proto__, x\r\n`), '0\r\n__proto__: 1\r\n\r\n', {
    ...EMPTY,
    ...TRAILER
  }),
  answer(head('trailer: x-t\r\n', '204 No Content'), '', EMPTY),
  answer(head('trailer: x-t\r\ncontent-length: 5\r\netag: "a"\r\n', '304 Not Modified'), '', EMPTY),
  answer(head(`${SIZED}trailer: x-t\r\n`, '205 Reset Content'), '@@@@@@', EMPTY),
  answer(`${head('', '100 Continue')}${head('', '102 Processing')}${head(SIZED)}`, '@@@@@@'),
  answer(
    `${head('link: </a>\r\nconnection: close\r\ntrailer: x\r\n', '103 Early Hints')}${head(SIZED)}`,
    '@@@@@@'
  ),
  answer(`${head('link: nonsense\r\nx: \xff\r\n', '199 ')}${head(CHUNKED)}`, ONE_CHUNK),
  answer(head(TEXT), '@@@@@@', UNTIL_CLOSE),
  answer(head('trailer: x-t\r\n', '200 OK', '1.0'), '@@@@@@', UNTIL_CLOSE),
  answer(head('', '200 O\x01\x1bK'), '', { ...EMPTY, ...UNTIL_CLOSE })
]

/** Answers that break off, or that HTTP does not allow. */
const BROKEN: readonly HostileAnswer[] = [
  answer('', '', { end: NEVER }),
  answer(`g${FAULT}arbage\r\n\r\n`, ''),
  answer(`\x16${FAULT}\x03\x01\x02\x00`, ''),
  answer(`ICY${FAULT} 200 OK\r\n\r\n`, ''),
  answer(head('', `99 ${FAULT}Short`), ''),
  answer(`${head('', '099 Low')}${FAULT}`, ''),
  answer(`${head('content-length: 0\r\n', '600 High')}${FAULT}`, ''),
  answer(`${head('connection: upgrade\r\nupgrade: x\r\n', '101 Switching Protocols')}${FAULT}`, ''),
  answer(head(`no ${FAULT}colon\r\n`), ''),
  answer(head(`na ${FAULT}me: x\r\n`), ''),
  answer(head(`x: \x00${FAULT}\r\n`), ''),
  answer(head('link: </a>\r\n', '103 Early Hints').repeat(3), '', { end: NEVER }),
  answer(head(`content-length: -${FAULT}1\r\n`), '@@@@@@'),
  answer(head(`content-length: 1\r\ncontent-length: 6${FAULT}\r\n`), '@@@@@@'),
  answer(head('content-length: 100\r\ntrailer: x-t\r\n'), 'less', { content: 'less', end: NEVER }),
  answer(head(`${SIZED}transfer-encoding:${FAULT} chunked\r\n`), ONE_CHUNK),
  answer(`${head('transfer-encoding: gzip\r\n')}${FAULT}`, '@@@@@@'),
  answer(head(CHUNKED), `z${FAULT}z\r\n@@@@@@\r\n`, EMPTY),
  answer(head(CHUNKED), `6\r\n@@@@@@!${FAULT}\r\n0\r\n\r\n`),
  answer(head(CHUNKED), `fffffffffffffffff${FAULT}f\r\n`, EMPTY),
  answer(head(`${CHUNKED}trailer: x-t\r\n`), `6\r\n@@@@@@\r\n0\r\nbad ${FAULT}trailer\r\n\r\n`),
  answer(head(`${CHUNKED}trailer: \xff, \t\r\n`), `6\r\n@@@@@@\r\n0\r\nx: \x01${FAULT}\r\n\r\n`)
]

/**
 * More than was asked for. What comes behind an answer and in one piece with its end is nobody's. What comes later cannot
 * be told from the answer to the next request of the connection, as HTTP/1.1 has no numbers: no two requests share one.
 */
const TOO_MUCH: readonly HostileAnswer[] = [
  ...['more than that', `${head(SIZED)}@@@@@@`].map((more) =>
    answer(head(SIZED), `@@@@@@${more}`, { end: head(SIZED).length + 6 })
  ),
  answer(head(CHUNKED, '204 No Content'), ONE_CHUNK, {
    ...EMPTY,
    end: head(CHUNKED, '204 No Content').length
  })
]

/** Answers that HTTP allows, and others. */
export const HOSTILE_ANSWERS: readonly HostileAnswer[] = [...SOUND, ...TOO_MUCH, ...BROKEN]

/** The text of a round: every `@@@@@@` is its number, the single ones of split chunks are the digits in turn. */
export function answerOf(text: string, round: number): string {
  const digits = roundName(round)
  let at = 0
  return text.replace(/@/g, () => digits[at++ % digits.length] as string)
}

/** Six digits. */
export function roundName(round: number): string {
  return String(round).padStart(6, '0')
}
