/** One line of the table of upstreams. */
export interface ScreenRow {
  readonly name: string
  readonly url: string
  readonly note: string
}

/** Everything the first screen shows. */
export interface Screen {
  readonly url: string
  readonly rows: readonly ScreenRow[]
  readonly colour: boolean
  /** Whether there are upstreams to break. */
  readonly tour: boolean
}

const TOUR = 'The last one kills one upstream, breaks the others and mends them. Watch this terminal.'

/** The first screen: what runs where, what to try, how to stop. */
export function screen({ url, rows, colour, tour }: Screen): string {
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const width = Math.max(...rows.map((row) => row.name.length))
  const table = rows.map(({ name, url: to, note }, index) => {
    const branch = index === rows.length - 1 ? '└─' : '├─'
    return `     ${paint(2, branch)} ${name.padEnd(width)}  ${to}  ${paint(2, note)}`
  })
  return [
    '',
    `  ${paint(1, 'Gatewright')} ${paint(2, 'is listening')}`,
    '',
    `  ${paint(32, '●')} ${paint(1, url)}`,
    ...table,
    '',
    `  ${paint(2, 'Try, from another shell:')}`,
    `     curl -s ${url}/`,
    `     curl -s '${url}/users/7?full=1' -H 'x-tenant: blue'`,
    `     curl -s ${url}/upload --data 'a body, streamed'`,
    `     curl -s --path-as-is ${url}/../etc/passwd`,
    ...(tour ? [`     curl -s ${url}/tour -X POST`, '', `  ${paint(2, TOUR)}`] : ['']),
    `  ${paint(2, 'Ctrl-C drains and stops; a second Ctrl-C stops at once.')}`,
    '',
    ''
  ].join('\n')
}
