import { writeFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { type Command, UsageError } from '../command.js'
import { USUAL_NAMES } from '../config-files.js'

const YAML = `# gatewright dev runs it and follows your changes; gatewright check says what is wrong with it.
pools:
  app:
    endpoints:
      - http://localhost:3000

routes:
  - id: hello
    path: /hello
    respond: { body: hello }
  - id: app
    path: /*
    pool: app
    retry: idempotent
`

const JSON_TEXT = `{
  "pools": { "app": { "endpoints": ["http://localhost:3000"] } },
  "routes": [
    { "id": "hello", "path": "/hello", "respond": { "body": "hello" } },
    { "id": "app", "path": "/*", "pool": "app", "retry": "idempotent" }
  ]
}
`

const TEXTS: Readonly<Record<string, string>> = { '.yaml': YAML, '.yml': YAML, '.json': JSON_TEXT }

export const init: Command = {
  name: 'init',
  summary: 'Write a configuration to begin with',
  usage: '[FILE]',
  takes: [0, 1],
  options: [{ name: 'force', about: 'Write over a file that is there.' }],
  about: [`FILE is ${USUAL_NAMES[0]} unless another is named: YAML or JSON, by what its name ends with.`],
  examples: ['gatewright init && gatewright dev'],
  async run({ arguments: [file = USUAL_NAMES[0] as string], flag, terminal: { cwd, stdout } }) {
    const text = TEXTS[extname(file).toLowerCase()]
    if (text === undefined) throw new UsageError(`'${file}' must end with ${Object.keys(TEXTS).join(', ')}`)
    await writeFile(resolve(cwd, file), text, { flag: flag('force') ? 'w' : 'wx' }).catch((error) => {
      if (error.code === 'EEXIST') throw new UsageError(`${file} is there already: --force writes over it`)
      throw error
    })
    stdout.write(`${file} is written. Next: gatewright dev ${file}\n`)
    return 0
  }
}
