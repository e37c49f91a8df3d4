import type { OpenTypes } from '../config/open-types.js'

/** The exchange type alone, for files that the exchange itself imports. */
export type Exchange = OpenTypes['exchange']
