import { defineKey, type Key } from '@gatewright/core'
import { checkValidation } from './check.js'
import type { SchemaCompiler } from './compiler.js'
import type { ValidationConfig } from './config/config.js'
import { validation as validate } from './config/validate.js'
import { resolveValidation, type ValidationSettings } from './settings.js'

/** The name of the key. */
export const VALIDATION = 'validation'

/** `validation` of policies and routes. Its schemas are compiled by `compiler`. */
export function validationKey(compiler: SchemaCompiler): Key<ValidationConfig, ValidationSettings | null> {
  return defineKey({
    name: VALIDATION,
    on: ['policy', 'route'],
    plugin: '@gatewright/validation',
    reload: 'live',
    validate,
    resolve: (config: ValidationConfig | undefined) => resolveValidation(config, compiler),
    check: (config: ValidationConfig, at: string) => checkValidation(config, at, compiler)
  })
}
