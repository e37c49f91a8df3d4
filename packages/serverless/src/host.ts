/** A host that starts instances as requests come, and holds them still or ends them between. */
export type Host = 'aws-lambda' | 'cloud-run'

/** The host that this process runs on, by the variables that each sets; `null` on a machine or in a container. */
export function hostOf(env: Readonly<Record<string, string | undefined>>): Host | null {
  if ((env.AWS_LAMBDA_FUNCTION_NAME ?? '') !== '') return 'aws-lambda'
  if ((env.K_SERVICE ?? '') !== '') return 'cloud-run'
  return null
}
