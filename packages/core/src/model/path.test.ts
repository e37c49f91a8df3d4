import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isPlainPath, type PathSettings, readPath, STRICT_PATHS } from './path.js'

const KEEP_ENCODED: PathSettings = { ...STRICT_PATHS, encodedSlashes: 'keep' }
const KEEP_DUPLICATES: PathSettings = { ...STRICT_PATHS, duplicateSlashes: 'keep' }
const KEEP_BOTH: PathSettings = { ...KEEP_ENCODED, duplicateSlashes: 'keep' }

// Canonical, or made so by equivalences that no parser disputes.
const CLEAN: readonly [raw: string, path: string][] = [
  ['/', '/'],
  ['/a', '/a'],
  ['/a/', '/a/'],
  ['/a/b/c', '/a/b/c'],
  ['/A/b', '/A/b'],
  ['/a.b', '/a.b'],
  ['/a..', '/a..'],
  ['/a./b', '/a./b'],
  ['/.a', '/.a'],
  ['/.well-known/x', '/.well-known/x'],
  ['/..a', '/..a'],
  ['/...', '/...'],
  ['/.../a', '/.../a'],
  ['/a;b=c', '/a;b=c'],
  ['/a;b/..c', '/a;b/..c'],
  ['/;', '/;'],
  ["/~!$&'()*+,;=:@|-_", "/~!$&'()*+,;=:@|-_"],
  ['/a%20b', '/a%20b'],
  ['/%41', '/A'],
  ['/%61%62', '/ab'],
  ['/%7euser', '/~user'],
  ['/%7Euser', '/~user'],
  ['/a%2e', '/a.'],
  ['/a%2Eb', '/a.b'],
  ['/%2ea', '/.a'],
  ['/%2e%2ea', '/..a'],
  ['/%2d%5F', '/-_'],
  ['/%c3%a9', '/%C3%A9'],
  ['/%C3%A9', '/%C3%A9'],
  ['/%e2%82%ac', '/%E2%82%AC'],
  ['/%3f', '/%3F'],
  ['/%23', '/%23'],
  ['/a%3bb', '/a%3Bb'],
  ['/a%3Db', '/a%3Db'],
  ['/%40', '/%40'],
  ['/%25', '/%25'],
  ['/100%25', '/100%25'],
  ['/%2525', '/%2525'],
  ['/%2541', '/%2541'],
  ['/"', '/"'],
  ['/<x>', '/<x>'],
  ['/[x]', '/[x]'],
  ['/^`{}', '/^`{}']
]

for (const [raw, path] of CLEAN)
  test(`${raw} is clean and read as ${path}`, () => {
    assert.deepEqual(readPath(raw), { kind: 'clean', path })
  })

// Two parsers could read these differently.
const CHANGED: readonly [raw: string, path: string][] = [
  ['/.', '/'],
  ['/..', '/'],
  ['/./', '/'],
  ['/../', '/'],
  ['/a/.', '/a/'],
  ['/a/..', '/'],
  ['/a/./b', '/a/b'],
  ['/a/../b', '/b'],
  ['/a/b/..', '/a/'],
  ['/a/b/../..', '/'],
  ['/../../x', '/x'],
  ['/a/../../x', '/x'],
  ['/./admin/x', '/admin/x'],
  ['/%2e/a', '/a'],
  ['/%2E%2e/x', '/x'],
  ['/.%2e/x', '/x'],
  ['/a/%2e%2E/b', '/b'],
  ['/a/.;/b', '/a/b'],
  ['/a/..;/b', '/b'],
  ['/a/..;x=y/b', '/b'],
  ['/a/%2e%2e;x/b', '/b'],
  ['/..;', '/'],
  ['/a/.;x', '/a/'],
  ['//', '/'],
  ['//a', '/a'],
  ['///a', '/a'],
  ['/a//b', '/a/b'],
  ['/a///', '/a/'],
  ['//evil.example/x', '/evil.example/x'],
  ['/a//../b', '/b'],
  ['/a/..//b', '/b'],
  ['/a\\b', '/a/b'],
  ['/\\a', '/a'],
  ['/\\\\a', '/a'],
  ['/admin\\x', '/admin/x'],
  ['/x\\..\\admin/x', '/admin/x'],
  ['/a/..\\b', '/b'],
  ['/a%2fb', '/a/b'],
  ['/a%2Fb', '/a/b'],
  ['/admin%2fx', '/admin/x'],
  ['/%2f', '/'],
  ['/%2f%2fa', '/a'],
  ['/a%5cb', '/a/b'],
  ['/pub/%5c..%5cadmin', '/admin'],
  ['/a%2f..%2fb', '/b'],
  ['/a/..%2fb', '/b'],
  ['/a%2f%2e%2e%2fb', '/b'],
  ['/a/..%3b/b', '/b'],
  ['/a/..%253Bx/b', '/b'],
  ['/\xc3\xa9', '/%C3%A9']
]

for (const [raw, path] of CHANGED)
  test(`${JSON.stringify(raw)} is not canonical and would be ${path}`, () => {
    assert.deepEqual(readPath(raw), { kind: 'changed', path })
  })

const INVALID: readonly [raw: string, rule: RegExp][] = [
  ['', /slash/],
  ['a', /slash/],
  ['a/b', /slash/],
  ['*', /slash/],
  ['\\a', /slash/],
  ['%2fa', /slash/],
  ['.', /slash/],
  ['/a#b', /fragment/],
  ['/#', /fragment/],
  ['/a b', /control/],
  ['/a\tb', /control/],
  ['/a\nb', /control/],
  ['/a\r\nb', /control/],
  ['/a\0', /control/],
  ['/\x7f', /control/],
  ['/%00', /control/],
  ['/admin%00/x', /control/],
  ['/%0a', /control/],
  ['/%0d%0aX:%20y', /control/],
  ['/%1F', /control/],
  ['/%7f', /control/],
  ['/%09', /control/],
  ['/%', /hexadecimal/],
  ['/a%', /hexadecimal/],
  ['/a%2', /hexadecimal/],
  ['/a%zz', /hexadecimal/],
  ['/a%2g', /hexadecimal/],
  ['/%u002e', /hexadecimal/],
  ['/%%32e', /hexadecimal/],
  ['/%252e', /second encoding/],
  ['/%252E%252e/x', /second encoding/],
  ['/%252fadmin', /second encoding/],
  ['/%252F', /second encoding/],
  ['/%255c', /second encoding/],
  ['/%255C', /second encoding/],
  ['/%2500', /second encoding/],
  ['/%25%32%65', /second encoding/],
  ['/%25%32f', /second encoding/],
  ['/%25252e', /second encoding/],
  ['/%2525252F', /second encoding/],
  ['/\xe9', /UTF-8/],
  ['/a\xff/b', /UTF-8/],
  ['/%E9', /UTF-8/],
  ['/%a0', /UTF-8/],
  ['/%c0%ae', /UTF-8/],
  ['/%c1%a1', /UTF-8/],
  ['/%e0%80%ae', /UTF-8/],
  ['/%ed%a0%80', /UTF-8/]
]

for (const [raw, rule] of INVALID)
  test(`${JSON.stringify(raw)} has no canonical form`, () => {
    const read = readPath(raw)
    assert.equal(read.kind, 'invalid')
    assert.match(read.kind === 'invalid' ? read.rule : '', rule)
  })

const KEPT: readonly [raw: string, settings: PathSettings, kind: 'clean' | 'changed', path: string][] = [
  ['/a%2fb', KEEP_ENCODED, 'clean', '/a%2Fb'],
  ['/a%5cb', KEEP_ENCODED, 'clean', '/a%5Cb'],
  ['/a%2f/../b', KEEP_ENCODED, 'changed', '/b'],
  ['/a//b', KEEP_ENCODED, 'changed', '/a/b'],
  ['/a\\b', KEEP_ENCODED, 'changed', '/a/b'],
  ['/a/../b', KEEP_ENCODED, 'changed', '/b'],
  ['/a/%2e%2e/b', KEEP_ENCODED, 'changed', '/b'],
  ['/a//b', KEEP_DUPLICATES, 'clean', '/a//b'],
  ['//a', KEEP_DUPLICATES, 'clean', '//a'],
  ['/a//', KEEP_DUPLICATES, 'clean', '/a//'],
  ['/a//../b', KEEP_DUPLICATES, 'changed', '/a/b'],
  ['/a%2fb', KEEP_DUPLICATES, 'changed', '/a/b'],
  ['/a/%2fb', KEEP_DUPLICATES, 'changed', '/a//b'],
  ['/a\\\\b', KEEP_DUPLICATES, 'changed', '/a//b'],
  ['/a//%2f', KEEP_BOTH, 'clean', '/a//%2F']
]

for (const [raw, settings, kind, path] of KEPT)
  test(`${raw} is ${kind} and read as ${path} with encodedSlashes: ${settings.encodedSlashes}, duplicateSlashes: ${settings.duplicateSlashes}`, () => {
    assert.deepEqual(readPath(raw, settings), { kind, path })
  })

test('a plain path is one that needs no reading', () => {
  for (const path of ['/', '/a', '/a/b.c/', '/a;b']) assert.equal(isPlainPath(path), true, path)
  for (const path of ['', 'a', '//', '/.a', '/a/..', '/%41', '/a\\', '/a?b', '/a#b', '/a b', '/\xe9', '/a\n'])
    assert.equal(isPlainPath(path), false, JSON.stringify(path))
})

// What HTTP can bring: bytes, in spellings that are likely to meet a rule.
const piece = fc.oneof(
  {
    arbitrary: fc.constantFrom('/', '//', '.', '..', '/..', '/.', '\\', ';', 'a', 'B', '~', '*', '"'),
    weight: 6
  },
  {
    arbitrary: fc.constantFrom('%2e', '%2E', '%2f', '%5C', '%25', '%252e', '%41', '%C3', '%a9', '%3b'),
    weight: 5
  },
  { arbitrary: fc.constantFrom('%', '%0', '#', ' ', '\0', '%00', '%0A', '\x7f', '\xe9', '\xff'), weight: 1 },
  { arbitrary: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), weight: 1 }
)
const rawPath = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('').replaceAll('?', '')}`)
const anySettings = fc.constantFrom(STRICT_PATHS, KEEP_ENCODED, KEEP_DUPLICATES, KEEP_BOTH)
const RUNS = { numRuns: 5_000 }

function decoded(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function dotSegments(path: string): string[] {
  return path.split('/').filter((segment) => /^\.{1,2}(?:;|$)/.test(segment))
}

test('the canonical form of a path is clean and its own canonical form', () => {
  fc.assert(
    fc.property(rawPath, anySettings, (raw, settings) => {
      const read = readPath(raw, settings)
      if (read.kind === 'invalid') return
      assert.deepEqual(readPath(read.path, settings), { kind: 'clean', path: read.path })
    }),
    RUNS
  )
})

test('a canonical path has no dot segment, backslash, control character, space or byte outside ASCII', () => {
  fc.assert(
    fc.property(rawPath, anySettings, (raw, settings) => {
      const read = readPath(raw, settings)
      if (read.kind === 'invalid') return
      assert.deepEqual(dotSegments(read.path), [])
      assert.match(read.path, /^\/[\x21-\x5b\x5d-\x7e]*$/)
      assert.doesNotMatch(decoded(read.path), /[\x00-\x1f\x7f]/)
      if (settings.encodedSlashes === 'reject') assert.doesNotMatch(read.path, /%(?:2F|5C)/i)
      if (settings.duplicateSlashes === 'reject') assert.doesNotMatch(read.path, /\/\//)
    }),
    RUNS
  )
})

test('a canonical path has the same segments after one and after two more decodings', () => {
  fc.assert(
    fc.property(rawPath, (raw) => {
      const read = readPath(raw)
      if (read.kind === 'invalid') return
      const slashes = read.path.split('/').length
      for (const form of [decoded(read.path), decoded(decoded(read.path))]) {
        assert.equal(form.split('/').length, slashes)
        assert.doesNotMatch(form, /\\|\0/)
        assert.deepEqual(
          form.split('/').filter((segment) => /^\.{1,2}$/.test(segment)),
          []
        )
      }
    }),
    RUNS
  )
})

test('a clean path says the same as the raw one, byte for byte after decoding', () => {
  fc.assert(
    fc.property(rawPath, anySettings, (raw, settings) => {
      const read = readPath(raw, settings)
      if (read.kind === 'clean') assert.equal(decoded(read.path), decoded(raw))
    }),
    RUNS
  )
})

test('reading never throws, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), anySettings, (raw, settings) => {
      readPath(raw, settings)
      readPath(`/${raw}`, settings)
    }),
    RUNS
  )
})

// Processor time and not the clock, the least of several runs: other processes do not count.
function workMs(raw: string): number {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < 4; run++) {
    const before = process.cpuUsage()
    readPath(raw, KEEP_BOTH)
    readPath(raw)
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1_000)
  }
  return least
}

const LONG: readonly [unit: string, end: string][] = [
  ...['a/', '/a', '//', '/..', '../', '%2e', '%2f', '%25', '\\', ';', '/.;', 'a.', '/a/..', '\xe9'].map(
    (unit): [string, string] => [unit, '']
  ),
  // What the first look takes for plain until the very end.
  ['a/', '\\'],
  ['a.', '%'],
  ['a', '\0']
]

for (const [unit, end] of LONG)
  test(`the work for a long path of ${JSON.stringify(unit)} and then ${JSON.stringify(end)} grows with its length`, () => {
    const path = (bytes: number): string => `/${unit.repeat(bytes / unit.length)}${end}`
    const small = workMs(path(32 * 1024))
    const large = workMs(path(512 * 1024))
    // Sixteen times the length: some sixteen times the work when linear, 256 times when quadratic.
    assert.ok(large < Math.max(small, 0.2) * 100, `${small.toFixed(2)} ms, then ${large.toFixed(2)} ms`)
  })
