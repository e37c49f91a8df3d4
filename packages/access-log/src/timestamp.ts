/** Milliseconds since the epoch as RFC 3339 text in UTC. The parts above the millisecond are kept for the next one. */
export function createTimestamps(): (ms: number) => string {
  let second = Number.NaN
  let text = ''
  return (ms) => {
    const now = Math.floor(ms / 1_000)
    if (now !== second) {
      second = now
      text = new Date(now * 1_000).toISOString().slice(0, -4)
    }
    return `${text}${String(Math.floor(ms) - now * 1_000).padStart(3, '0')}Z`
  }
}
