/**
 * A decision that cannot be carried out. The filter has spoken, so the request does not pass, whatever `failMode` says; and
 * its service is there, so its breaker counts it as an answer.
 */
export class InvalidDecisionError extends Error {
  constructor(what: string) {
    super(`its answer ${what}`)
    this.name = 'InvalidDecisionError'
  }
}
