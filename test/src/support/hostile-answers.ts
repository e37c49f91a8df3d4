/** What an upstream may send. `@@@@@@` stands for the number of the round, six digits: see {@link answerOf}. */
export interface HostileAnswer {
  readonly bytes: string
  /** Where it is one that HTTP allows: what a client should get. */
  readonly sound?: { readonly status: number; readonly body: string }
  /** Whether the connection is needed to end it. */
  readonly untilClose: boolean
  /** Where it is more than one answer: the end of the first. */
  readonly first?: number
}

const CHUNKED = 'transfer-encoding: chunked\r\n'

const head = (fields = '', status = '200 OK', version = '1.1'): string =>
  `HTTP/${version} ${status}\r\nx-round: @@@@@@\r\n${fields}\r\n`

const sound = (bytes: string, body = '@@@@@@', status = 200): HostileAnswer => ({
  bytes,
  sound: { status, body },
  untilClose: false
})

const SOUND: readonly HostileAnswer[] = [
  sound(`${head('content-length: 6\r\n')}@@@@@@`),
  sound(`${head('content-type: text/plain\r\ncontent-length: 6\r\ntrailer: x-t\r\n')}@@@@@@`),
  sound(`${head('content-length: 6\r\ntrailer: x-t\r\n')}@@@@@@`),
  sound(`${head('content-length: 6\r\n', '200 Caf\xe9 \xff')}@@@@@@`),
  sound(`${head('content-length: 6\r\nx: \xff\t\xe9\r\nvary: a, b\r\nvary: *\r\n')}@@@@@@`),
  sound(`${head('content-length: 6\r\n__proto__: a\r\n__proto__: b\r\nconstructor: c\r\n')}@@@@@@`),
  sound(`${head('content-length: 6\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nconnection: close\r\n')}@@@@@@`),
  sound(`${head('content-type: a\r\ncontent-type: ;\r\ncontent-length: 6\r\n')}@@@@@@`),
  sound(`${head(CHUNKED)}6\r\n@@@@@@\r\n0\r\n\r\n`),
  sound(
    `${head(`content-type: text/plain\r\n${CHUNKED}trailer: x-t\r\n`)}6\r\n@@@@@@\r\n0\r\nx-t: 1\r\n\r\n`
  ),
  sound(
    `${head(`${CHUNKED}trailer: x-t\r\n`)}1;a=b\r\n@\r\n5\r\n@@@@@\r\n0\r\nx-t: \xff\r\nexpires: 5\r\n\r\n`
  ),
  sound(`${head(`${CHUNKED}trailer: __proto__, x\r\n`)}0\r\n__proto__: 1\r\n\r\n`, ''),
  sound(head('trailer: x-t\r\n', '204 No Content'), '', 204),
  sound(head('trailer: x-t\r\ncontent-length: 5\r\netag: "a"\r\n', '304 Not Modified'), '', 304),
  sound(`${head('content-length: 6\r\ntrailer: x-t\r\n', '205 Reset Content')}@@@@@@`, '', 205),
  sound(`${head('', '100 Continue')}${head('', '102 Processing')}${head('content-length: 6\r\n')}@@@@@@`),
  sound(
    `${head('link: </a>\r\nconnection: close\r\ntrailer: x\r\n', '103 Early Hints')}${head('content-length: 6\r\n')}@@@@@@`
  ),
  sound(`${head('link: nonsense\r\nx: \xff\r\n', '199 ')}${head(CHUNKED)}6\r\n@@@@@@\r\n0\r\n\r\n`),
  { ...sound(`${head('content-type: text/plain\r\n')}@@@@@@`), untilClose: true },
  { ...sound(`${head('trailer: x-t\r\n', '200 OK', '1.0')}@@@@@@`), untilClose: true }
]

const BROKEN: readonly string[] = [
  `${head(CHUNKED)}6\r\n@@@@@@\r\n0\r\ncontent-length: 5\r\n\r\n`,
  '',
  'garbage\r\n\r\n',
  '\x16\x03\x01\x02\x00',
  'ICY 200 OK\r\n\r\n',
  head('', '99 Short'),
  head('', '099 Low'),
  head('content-length: 0\r\n', '600 High'),
  head('connection: upgrade\r\nupgrade: x\r\n', '101 Switching Protocols'),
  head('', '200 O\x01\x1bK'),
  head('no colon\r\n'),
  head('na me: x\r\n'),
  head('x: \x00\r\n'),
  `${head('link: </a>\r\n', '103 Early Hints').repeat(3)}`,
  `${head('content-length: -1\r\n')}@@@@@@`,
  `${head('content-length: 1\r\ncontent-length: 6\r\n')}@@@@@@`,
  `${head('content-length: 100\r\ntrailer: x-t\r\n')}less`,
  `${head(`content-length: 6\r\n${CHUNKED}`)}6\r\n@@@@@@\r\n0\r\n\r\n`,
  `${head('transfer-encoding: gzip\r\n')}@@@@@@`,
  `${head(CHUNKED)}zz\r\n@@@@@@\r\n`,
  `${head(CHUNKED)}6\r\n@@@@@@!\r\n0\r\n\r\n`,
  `${head(CHUNKED)}ffffffffffffffffff\r\n`,
  `${head(`${CHUNKED}trailer: x-t\r\n`)}6\r\n@@@@@@\r\n0\r\nbad trailer\r\n\r\n`,
  `${head(`${CHUNKED}trailer: \xff, \t\r\n`)}6\r\n@@@@@@\r\n0\r\nx: \x01\r\n\r\n`,
  `${head(CHUNKED, '204 No Content')}6\r\n@@@@@@\r\n0\r\n\r\n`
]

// What comes behind an answer and in one piece with its end is nobody's. What comes later cannot be told from the answer
// to the next request of the connection: HTTP/1.1 has no numbers.
const TOO_MUCH: readonly HostileAnswer[] = ['more than that', `${head('content-length: 6\r\n')}@@@@@@`].map(
  (more) => {
    const first = `${head('content-length: 6\r\n')}@@@@@@`
    return { bytes: first + more, untilClose: true, first: first.length - 1 }
  }
)

/** Answers that HTTP allows, and others. */
export const HOSTILE_ANSWERS: readonly HostileAnswer[] = [
  ...SOUND,
  ...TOO_MUCH,
  ...BROKEN.map((bytes) => ({ bytes, untilClose: true }))
]

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
