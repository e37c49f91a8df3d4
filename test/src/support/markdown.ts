/** A heading of a page. */
export interface Heading {
  readonly level: number
  /** Without its markup. */
  readonly text: string
  /** Counted from 1. */
  readonly line: number
}

/** A fenced block. */
export interface Block {
  /** What follows the opening fence: `ts check`. */
  readonly info: string
  readonly code: string
  /** The line of the opening fence, counted from 1. */
  readonly line: number
  /** The comments right below it, such as `expect: GET / 200`, in order. */
  readonly notes: readonly string[]
}

/** A link to a place in the repository. */
export interface Link {
  /** As written, without the anchor; `''` for the page itself. */
  readonly path: string
  /** Without `#`; `''` for none. */
  readonly anchor: string
  readonly line: number
}

const FENCE = /^\s*(```+|~~~+)\s*(.*)$/
const NOTE = /^<!-- (.+) -->$/
const LINK = /\[(?:[^\]]|\][^(])*?\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g
/** Where READMEs of packages, which are read outside the repository, find its files. */
const PUBLISHED = 'https://github.com/gatewright/gatewright/blob/main/'
const ELSEWHERE = /^[a-z][a-z+.-]*:/

/** The fenced blocks of a page. */
export function blocksOf(page: string): Block[] {
  const lines = page.split('\n')
  const blocks: Block[] = []
  for (let i = 0; i < lines.length; i++) {
    const [, fence = '', info = ''] = FENCE.exec(lines[i] as string) ?? []
    if (fence === '') continue
    const end = lines.findIndex((line, index) => index > i && line.trim() === fence)
    if (end === -1) throw new Error(`line ${i + 1}: this block has no end`)
    const notes = notesAfter(lines.slice(end + 1))
    blocks.push({ info: info.trim(), code: lines.slice(i + 1, end).join('\n'), line: i + 1, notes })
    i = end
  }
  return blocks
}

/** The headings of a page. */
export function headingsOf(page: string): Heading[] {
  return proseOf(page).flatMap((text, index) => {
    const [, marks = '', title = ''] = /^(#{1,6}) (.+)$/.exec(text) ?? []
    if (marks === '') return []
    const plain = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/`|\*\*/g, '')
    return [{ level: marks.length, text: plain, line: index + 1 }]
  })
}

/** The links of a page that stay in the repository; one to its pages on the web begins with a slash. */
export function linksOf(page: string): Link[] {
  return proseOf(page).flatMap((text, index) =>
    [...text.replaceAll(/`[^`]*`/g, '').matchAll(LINK)]
      .map((match) => (match[1] as string).replace(PUBLISHED, '/'))
      .filter((target) => !ELSEWHERE.test(target))
      .map((target) => {
        const [path = '', anchor = ''] = target.split('#')
        return { path, anchor, line: index + 1 }
      })
  )
}

/** The anchors that GitHub gives a page's headings. */
export function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>()
  return new Set(
    headingsOf(page).map(({ text }) => {
      const anchor = anchorOf(text)
      const count = seen.get(anchor) ?? 0
      seen.set(anchor, count + 1)
      return count === 0 ? anchor : `${anchor}-${count}`
    })
  )
}

/** The headings whose anchor another heading above them has: no link by their own name reaches them. */
export function shadowedHeadingsOf(page: string): Heading[] {
  const seen = new Set<string>()
  return headingsOf(page).filter(({ text }) => {
    const anchor = anchorOf(text)
    const shadowed = seen.has(anchor)
    seen.add(anchor)
    return shadowed
  })
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-')
}

// The lines of a page, those of its fenced blocks emptied.
function proseOf(page: string): string[] {
  const lines = page.split('\n')
  for (const { line, code } of blocksOf(page)) lines.fill('', line - 1, line + code.split('\n').length)
  return lines
}

function notesAfter(lines: readonly string[]): string[] {
  const notes: string[] = []
  for (const line of lines) {
    const note = NOTE.exec(line.trim())?.[1]
    if (note !== undefined) notes.push(note)
    else if (line.trim() !== '') break
  }
  return notes
}
