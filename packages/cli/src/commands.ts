import type { Command } from './command.js'
import { check } from './commands/check.js'
import { completionOf } from './commands/completion.js'
import { dev } from './commands/dev.js'
import { diff } from './commands/diff.js'
import { explain } from './commands/explain.js'
import { exportConfig } from './commands/export.js'
import { history } from './commands/history.js'
import { init } from './commands/init.js'
import { keys } from './commands/keys.js'
import { migrate } from './commands/migrate.js'
import { proxy } from './commands/proxy.js'
import { replay } from './commands/replay.js'
import { rollback } from './commands/rollback.js'
import { routes } from './commands/routes.js'
import { run } from './commands/run.js'
import { schema } from './commands/schema.js'
import { simulate } from './commands/simulate.js'
import { version } from './commands/version.js'

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  run,
  dev,
  check,
  diff,
  replay,
  routes,
  explain,
  simulate,
  proxy,
  exportConfig,
  migrate,
  history,
  rollback,
  init,
  keys,
  schema,
  completionOf(() => COMMANDS),
  version
]
