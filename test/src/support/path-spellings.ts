/**
 * Ways to spell the path of a request, as text in Latin-1, one byte a character: plain ones, and those with which
 * proxies have been talked out of a prefix or past a guard.
 */

const UP = [
  '..',
  '%2e%2e',
  '%2E%2e',
  '.%2e',
  '%2e.',
  '..;',
  '..;a=b',
  '%2e%2e;a',
  '..%3b',
  '..%253b',
  '%252e%252e',
  '%25252e%25252e',
  '%2525252e.',
  '%c0%ae%c0%ae',
  '%e0%80%ae%e0%80%ae',
  '\xc0\xae\xc0\xae',
  '..%00',
  '..\t'
] as const

const SLASH = ['/', '\\', '//', '%2f', '%5C', '%252f', '%25255c', '%c0%af', '/./'] as const

const CLIMBING = UP.flatMap((up) => SLASH.map((slash) => `/pub/${up}${slash}admin/x`))

const PLAIN = [
  ...['/pub/', '/pub/x', '/pub/x/y.z', '/pub/x?a=/../admin', '/pub/x;v=1', '/pub/..x', '/pub/...', '/pub/.x'],
  ...[
    '/pub/%20x',
    '/pub/x%20',
    '/pub/%41',
    '/pub/%7Ex',
    '/pub/~x',
    '/pub/%C3%A9',
    '/pub/%c3%a9',
    '/pub/a%3Fb'
  ],
  ...[
    '/pub/100%25',
    '/pub/%23',
    '/pub/*',
    '/pub/"x"',
    '/pub/@x:y',
    '/pub',
    '/',
    '/other/x',
    '/public/x',
    '/other/'
  ]
] as const

const GUARDED = [
  ...[
    '/admin',
    '/admin/',
    '/admin/x',
    '/%61dmin/x',
    '/%61%64%6d%69%6e/x',
    '/adm%69n',
    '/admi%6E/x?a=b',
    '/admin?a'
  ],
  ...['/./admin/x', '/%2e/admin/x', '/.;/admin/x', '/;/../admin/x', '//admin/x', '///admin/x', '/\\admin/x'],
  ...['/admin\\x', '/admin%2fx', '/admin%2Fx', '/admin%5cx', '/admin%252fx', '/%2fadmin/x', '/%5cadmin/x'],
  ...['/admin/../admin/x', '/x\\..\\admin/x', '/x%5c..%5cadmin/x', '/x/..%2fadmin/x', '/x%2f../admin/x'],
  ...[
    '/admin%00/x',
    '/%00/admin/x',
    '/admin%0a/x',
    '/admin%0d%0a/x',
    '/admin%09/x',
    '/admin%7f/x',
    '/admin\x01/x'
  ],
  ...[
    '/x/y/../../admin/x',
    '/../admin/x',
    '/../../admin/x',
    '/..;/admin/x',
    '/pub/../admin/',
    '/pub/../admin'
  ],
  ...[
    '/pub/x/../../admin/x',
    '/pub/./../admin/x',
    '/pub//../admin/x',
    '/pub///..///admin/x',
    '/pub/%2f../admin/x'
  ],
  ...['/pub;/../admin/x', '/pub/;/../../admin/x', '/pub/x%3f/../../admin/x', '/pub/x#/../../admin/x'],
  ...['/%c1%a1dmin/x', '/%e0%81%a1dmin/x', '/%f0%80%81%a1dmin/x', '/\xc1\xa1dmin/x', '/pub/..%c1%9cadmin/x'],
  ...['/%u0061dmin/x', '/%%361dmin/x', '/%2561dmin/../admin/x', '/admin%/x', '/admin%2/x', '/admin%zz/x'],
  ...[
    '/admin#',
    '/#/admin/x',
    '/admin/x#y',
    '/x?a#/../admin',
    '/admin /x',
    '/ admin/x',
    '/\tadmin/x',
    '/admin\x0b/x'
  ],
  ...['/admin\x00/x', '/admin\x7f/x', '/admin\r\n/x', '/admin\nx', '/admin\rx', '/%0d%0aX-User:%20root/x']
] as const

const TARGETS = [
  ...['http://example.test/admin/x', 'http://example.test/pub/../admin/x', 'HTTP://example.test/pub/x'],
  ...['http://example.test//admin/x', 'http://example.test\\admin/x', 'http://example.test?/admin/x'],
  ...['http://example.test#/admin/x', 'http://user@example.test/admin/x', 'http://example.test:99999/pub/x'],
  ...['http:///admin/x', 'http:/admin/x', 'https://example.test/%61dmin/x', 'ftp://example.test/pub/x'],
  ...[
    '//evil.test/admin/x',
    '//evil.test/..',
    '/\\evil.test/x',
    '\\\\evil.test\\admin',
    '///evil.test/../admin/x'
  ],
  ...['*', 'admin/x', './admin/x', '../admin/x', '%2fadmin/x', '\\admin\\x', '?/admin', '@evil.test/admin/x'],
  ...[
    '/pub/http://evil.test/x',
    '/pub/x/https:/evil.test',
    '/pub/\xe9',
    '/pub/\xc3\xa9',
    '/pub/\xff/..',
    '/\xe9/x'
  ],
  ...[
    '/pub/x%',
    '/pub/%x',
    '/pub/%2',
    '/pub/%-1',
    '/pub/%uFF0E',
    '/pub/x%20/../x',
    '/pub/%3c%3e',
    '/pub/<x>'
  ],
  ...[
    `/pub/${'a/../'.repeat(200)}x`,
    `/pub/${'../'.repeat(200)}admin/x`,
    `/pub/${'%2e%2e%2f'.repeat(200)}admin/x`
  ]
] as const

/** Request targets, sent as they are. */
export const PATH_SPELLINGS: readonly string[] = [...CLIMBING, ...PLAIN, ...GUARDED, ...TARGETS]

/** Those of them that are forwarded unchanged, whatever the policy. */
export const PLAIN_SPELLINGS: readonly string[] = PLAIN

/**
 * The path that the most obliging upstream would serve for a request target: it decodes as long as there is something to
 * decode, overlong UTF-8 too, takes backslashes for slashes, cuts off `;parameters` of dot segments, merges slashes
 * and resolves dots.
 */
export function obligingPath(target: string): string {
  const kept: string[] = []
  for (const segment of decodedWhole(target.split('?', 1)[0] as string).split(/[/\\]+/)) {
    const name = /^\.{0,2}(?=;|$)/.exec(segment)?.[0]
    if (name === '..') kept.pop()
    else if (name === undefined) kept.push(segment)
  }
  return `/${kept.join('/')}`
}

function decodedWhole(text: string): string {
  const decoded = text
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/(?:[\xc0\xc1]|\xe0[\x80\x81]|\xf0\x80[\x80\x81])[\x80-\xbf]/g, shortest)
  return decoded === text ? text : decodedWhole(decoded)
}

function shortest(overlong: string): string {
  const [high = 0, low = 0] = [...overlong].slice(-2).map((byte) => byte.charCodeAt(0))
  return String.fromCharCode(((high & 1) << 6) | (low & 0x3f))
}
