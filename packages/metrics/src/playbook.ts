const PLAYBOOKS = 'https://github.com/gatewright/gatewright/blob/main/docs/operations/playbooks.md'

/** Where it stands what to do about an alert of Gatewright's own, which all begin alike; nothing for others. */
export function playbookOf(alert: string): string | undefined {
  return alert.startsWith('Gateway') ? `${PLAYBOOKS}#${alert.toLowerCase()}` : undefined
}
