import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSecretName } from './secret-names.js'

test('names that hold secrets are known by their endings, in any case and spelling', () => {
  for (const name of [
    'Authorization',
    'proxy-authorization',
    'cookie',
    'Set-Cookie',
    'x-auth-token',
    'x-amz-security-token',
    'private-token',
    'api-key',
    'X-API-Key',
    'apikey',
    'ocp-apim-subscription-key',
    'x-functions-key',
    'x-hub-signature-256',
    'x-auth',
    'authz',
    'x-goog-iap-jwt-assertion',
    'x-csrf-token',
    'x-amzn-oidc-data',
    'dpop',
    'pwd',
    'db_pwd',
    'pass',
    'userPass',
    'password1',
    'otp',
    'totp',
    'sid',
    'PHPSESSID',
    'JSESSIONID',
    'session_id',
    'connect.sid',
    'SAMLResponse',
    'SAMLRequest',
    'bearer',
    'access_token',
    'refreshToken',
    'client_assertion',
    'code',
    'auth_code',
    'code_verifier',
    'sig',
    'X-Amz-Signature',
    'X-Amz-Credential',
    'AWSAccessKeyId',
    'hmac',
    'ticket',
    'clientSecret',
    'passphrase',
    'pin'
  ])
    assert.ok(isSecretName(name), name)
})

test('names that only look like it are shown', () => {
  for (const name of [
    '',
    'accept',
    'user-agent',
    'x-request-id',
    'traceparent',
    'content-type',
    'encode',
    'zipcode',
    'country_code',
    'monkey',
    'sort_key',
    'keyword',
    'id',
    'page',
    'author',
    'spin',
    'inside',
    'token_type',
    'x-forwarded-for',
    'side',
    'tokenizer'
  ])
    assert.ok(!isSecretName(name), name)
})

test('a long name is looked at in linear time', () => {
  const started = process.hrtime.bigint()
  assert.equal(isSecretName('session_'.repeat(50_000)), false)
  assert.equal(isSecretName('1'.repeat(400_000)), false)
  assert.ok(Number(process.hrtime.bigint() - started) / 1e6 < 500)
})
