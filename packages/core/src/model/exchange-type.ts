import type { OpenTypes } from '../config/open-types.js'

/** The exchange, for the files of what it is itself made of. */
export type Exchange = OpenTypes['exchange']
