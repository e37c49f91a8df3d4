/**
 * Types that are declared above the files which name them: a configuration may hold a balancing policy, and policies and
 * stages are called with an exchange, which itself has a pool and a snapshot. Each is merged in where it is declared, so
 * that no import leads upwards.
 */
// biome-ignore lint/suspicious/noEmptyInterface: the model merges into it
export interface OpenTypes {}
