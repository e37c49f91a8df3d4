import { fileURLToPath } from 'node:url'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

/** The repository. */
export const root = path('../../')
/** This folder. */
export const here = path('./')
/** Where the npm peers are installed; not in git. */
export const peersFolder = path('../../.bench/')
/** Where the results go unless told otherwise. */
export const results = path('../../docs/benchmarks/')
