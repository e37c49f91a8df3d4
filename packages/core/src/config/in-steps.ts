/**
 * A result that is worked out in steps. Whoever wants it lets other work go on between them, or does not: what is yielded
 * means nothing.
 */
export type InSteps<T> = Generator<undefined, T, unknown>

/**
 * What a check yields where it has no problem and much is left to do: the event loop may go on there.
 */
export const PAUSE = ''

/** Does all steps at once. */
export function finish<T>(steps: InSteps<T>): T {
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}

/** Whether a part gives its result in steps. */
export function isInSteps<T>(result: unknown): result is InSteps<T> {
  return typeof (result as Partial<InSteps<T>> | null | undefined)?.next === 'function'
}

/** The problems of checks, without their pauses, which are taken. */
export function* collectProblems(checked: Iterable<string>, problems: string[]): InSteps<void> {
  for (const problem of checked)
    if (problem === PAUSE) yield
    else problems.push(problem)
}
