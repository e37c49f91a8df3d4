const WIDTH = 80

/** A paragraph in lines of at most 80 columns. */
export function wrapped(text: string, width: number = WIDTH): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}

/** Two columns, the second one wrapped. */
export function columns(rows: readonly (readonly string[])[]): string {
  const first = Math.min(32, Math.max(...rows.map(([name = '']) => name.length)))
  const indent = ' '.repeat(first + 2)
  return rows
    .map(([name = '', text = '']) => {
      const lines = wrapped(text, WIDTH - indent.length).split('\n')
      if (name.length > first) return [name, ...lines.map((line) => indent + line)].join('\n')
      return [`${name.padEnd(first)}  ${lines[0]}`, ...lines.slice(1).map((line) => indent + line)].join('\n')
    })
    .join('\n')
}
