/** Whether an option is there and not switched off. */
export function isOn(option: unknown): boolean {
  return option !== undefined && option !== false
}

/** Whether an option has `mode: 'observe'`. */
export function observes(option: unknown): boolean {
  return typeof option === 'object' && option !== null && (option as { mode?: unknown }).mode === 'observe'
}
