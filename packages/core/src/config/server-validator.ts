import type { Validator } from './problems.js'
import { validateServer as compiled } from './validate-config.js'

/** Checks the shape of a whole `createGateway` configuration: the plugin's keys and those of a server. */
export const validateServer: Validator = compiled
