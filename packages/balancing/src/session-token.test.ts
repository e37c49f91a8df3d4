import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints } from '@gatewright/testing'
import { createSessionTokens } from './session-token.js'

const SECRET = 'a secret of thirty-two characters'
const [a, b] = endpoints(2)

test('a token says nothing about the address and fits into a cookie', () => {
  const token = createSessionTokens(SECRET, 'users').of(a)
  assert.match(token, /^[\w-]{22}\.[\w-]{43}$/)
  assert.doesNotMatch(Buffer.from(token, 'base64url').toString('latin1'), /endpoint|test|users/)
})

test('every gateway with the same secret makes the same token', () => {
  assert.equal(createSessionTokens(SECRET, 'users').of(a), createSessionTokens(SECRET, 'users').of(a))
})

test('endpoints, pools and secrets have tokens of their own, in both halves', () => {
  const tokens = [
    createSessionTokens(SECRET, 'users').of(a),
    createSessionTokens(SECRET, 'users').of(b),
    createSessionTokens(SECRET, 'orders').of(a),
    createSessionTokens(`${SECRET}!`, 'users').of(a)
  ]
  assert.equal(new Set(tokens.map((token) => token.slice(0, 22))).size, 4)
  assert.equal(new Set(tokens.map((token) => token.slice(23))).size, 4)
})

test('a token is genuine, also one of an endpoint that has gone', () => {
  const elsewhere = createSessionTokens(SECRET, 'users').of(a)
  assert.equal(createSessionTokens(SECRET, 'users').isGenuine(elsewhere), true)
})

test('a token of another pool or secret, and any changed one, is not genuine', () => {
  const tokens = createSessionTokens(SECRET, 'users')
  const token = tokens.of(a)
  const changed = [...token].map((letter, i) => {
    const other = letter === 'A' ? 'B' : 'A'
    return token.slice(0, i) + other + token.slice(i + 1)
  })
  const forged = [
    ...changed,
    `${tokens.of(b).slice(0, 22)}${token.slice(22)}`,
    createSessionTokens(SECRET, 'orders').of(a),
    createSessionTokens(`${SECRET}!`, 'users').of(a),
    token.slice(0, -1),
    `${token}A`,
    '',
    '.',
    `${token}\n`,
    'é'.repeat(66)
  ]
  for (const text of forged) assert.equal(tokens.isGenuine(text), false, text)
})
