import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate } from '../migrate.js'
import { MigrationError } from '../migration.js'

const from = (text: string) => migrate('openapi', { file: 'api.yaml', text, read: () => undefined })

const TEXT = `openapi: 3.0.3
info: { title: x, version: '1' }
servers: [{ url: 'https://{where}.example.com/v1', variables: { where: { default: api } } }]
security: [{ key: [] }]
paths:
  /users/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    get: { operationId: getUser, responses: {}, parameters: [{ name: q, in: query, schema: { type: string, nullable: true } }] }
    post:
      security: [{ oidc: [write] }]
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/User' } } } }
  /reports/{name}.csv:
    get: { security: [], x-foo: 1 }
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: X-Key }
    oidc: { type: openIdConnect, openIdConnectUrl: 'https://id.example/.well-known/openid-configuration' }
  schemas:
    User: { type: object, required: [name], properties: { name: { type: string, example: a }, friend: { $ref: '#/components/schemas/User' }, age: { type: integer, minimum: 0, exclusiveMinimum: true } } }
`

test('operations become routes below the path of the server', async () => {
  const { config } = await from(TEXT)
  assert.deepEqual(config.pools, { api: { endpoints: ['https://api.example.com'] } })
  assert.deepEqual(
    config.routes?.map(({ id, path, methods, auth, authorize }) => [id, path, methods, auth, authorize]),
    [
      ['getUser', '/v1/users/:id', ['GET'], 'key', undefined],
      ['POST /users/{id}', '/v1/users/:id', ['POST'], 'oidc', { scopes: ['write'] }],
      ['GET /reports/{name}.csv', '~^/v1/reports/[^/]+\\.csv$', ['GET'], false, undefined]
    ]
  )
})

test('parameters and bodies are validated, by schemas of JSON Schema', async () => {
  const { config } = await from(TEXT)
  const params = { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] }
  assert.deepEqual(config.routes?.[0]?.validation, {
    query: { type: 'object', properties: { q: { type: ['string', 'null'] } } },
    params
  })
  assert.deepEqual(config.routes?.[1]?.validation, {
    params,
    body: {
      $ref: '#/$defs/User',
      $defs: {
        User: {
          type: 'object',
          required: ['name'],
          properties: {
            name: { type: 'string' },
            friend: { $ref: '#/$defs/User' },
            age: { type: 'integer', exclusiveMinimum: 0 }
          }
        }
      }
    }
  })
})

test('schemes let nobody in until they are complete', async () => {
  const { config, notes } = await from(TEXT)
  assert.deepEqual(Object.keys(config.authentication?.schemes ?? {}), ['key', 'oidc'])
  assert.deepEqual(
    notes.map(({ line, kind, what }) => [line, kind, what]),
    [
      [13, 'not-needed', 'x-foo'],
      [16, 'closed', 'key'],
      [17, 'closed', 'oidc']
    ]
  )
})

test('Swagger 2.0 is read too', async () => {
  const { config } =
    await from(`{ "swagger": "2.0", "host": "a.example", "basePath": "/b", "schemes": ["http"], "paths": {
    "/c": { "post": { "parameters": [{ "in": "body", "name": "x", "required": true, "schema": { "type": "object" } }, { "in": "query", "name": "n", "type": "integer" }] } } } }`)
  assert.deepEqual(config.pools?.api, { endpoints: ['http://a.example'] })
  assert.equal(config.routes?.[0]?.path, '/b/c')
  assert.deepEqual(config.routes?.[0]?.validation, {
    query: { type: 'object', properties: { n: { type: 'integer' } } },
    body: { type: 'object' }
  })
})

test('what is no description is told', async () => {
  for (const text of ['a: 1', '[]', '{']) await assert.rejects(from(text), MigrationError)
})
