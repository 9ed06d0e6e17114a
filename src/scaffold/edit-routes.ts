/**
 * Adds a route to the source of a route table without understanding all of TypeScript: undefined where `routes: [ … ]` is not
 * found exactly once. Whoever calls it loads the result and looks whether the table is what it should be.
 */
export function addRoute(
  source: string,
  { importLine, element }: { readonly importLine: string; readonly element: string },
): string | undefined {
  const code = withoutText(source)
  const lists = [...code.matchAll(/\broutes\s*:\s*\[/g)]
  const [list] = lists
  if (list === undefined || lists.length > 1) return undefined
  const open = list.index + list[0].length - 1
  const close = closingBracket(code, open)
  if (close === undefined) return undefined
  const lineStart = source.lastIndexOf('\n', list.index) + 1
  const indent = /^[ \t]*/.exec(source.slice(lineStart))?.[0] ?? ''
  const step = indent.includes('\t') ? '\t' : indent === '' ? '  ' : indent.length >= 4 ? indent.slice(0, 4) : indent
  const last = lastOf(code, close)
  const comma = last > open && code[last] !== ',' ? ',' : ''
  const before = source.slice(0, last + 1) + comma + source.slice(last + 1, close).trimEnd()
  const withElement = `${before}\n${indent}${step}${element},\n${indent}${source.slice(close)}`
  return withImport(withElement, importLine)
}

// --- internal ---

function withImport(source: string, importLine: string): string {
  const code = withoutText(source)
  const last = [...code.matchAll(/^import\b(?!\s*[(.])/gm)].at(-1)
  if (last === undefined) return `${importLine}\n\n${source}`
  const end = endOfStatement(code, last.index)
  const statement = source.slice(last.index, end)
  const line = statement.includes('"') && !statement.includes("'") ? importLine.replaceAll("'", '"') : importLine
  return `${source.slice(0, end)}\n${line}${statement.trimEnd().endsWith(';') ? ';' : ''}${source.slice(end)}`
}

/** At the end of the line on which the braces are closed again. */
function endOfStatement(code: string, start: number): number {
  let depth = 0
  for (let i = start; i < code.length; i += 1) {
    if (code[i] === '{') depth += 1
    else if (code[i] === '}') depth -= 1
    else if ((code[i] === '\n' || code[i] === '\r') && depth === 0) return i
  }
  return code.length
}

function closingBracket(code: string, open: number): number | undefined {
  let depth = 0
  for (let i = open; i < code.length; i += 1) {
    const character = code.charAt(i)
    if ('([{'.includes(character)) depth += 1
    else if (')]}'.includes(character)) depth -= 1
    if (depth === 0) return i
  }
  return undefined
}

function lastOf(code: string, end: number): number {
  let at = end - 1
  while (at >= 0 && /\s/.test(code.charAt(at))) at -= 1
  return at
}

/** The same length, with strings (but for their quotes), comments and regular expressions blanked out. */
function withoutText(source: string): string {
  const out: string[] = []
  let i = 0
  while (i < source.length) {
    const end = endOfText(source, i, out)
    if (end === i) {
      out.push(source.charAt(i))
      i += 1
      continue
    }
    // The last character of a string or an expression stays in sight: something is there.
    const isComment = source.charAt(i) === '/' && (source.charAt(i + 1) === '/' || source.charAt(i + 1) === '*')
    const text = source.slice(i, end).replace(/[^\r\n]/g, ' ')
    out.push(...(isComment ? text : `${text.slice(0, -1)}"`))
    i = end
  }
  return out.join('')
}

/** `at` itself where no string, comment or regular expression begins. */
function endOfText(source: string, at: number, before: readonly string[]): number {
  const rest = source.slice(at, at + 2)
  if (rest === '//') return after(source, /$/gm, at)
  if (rest === '/*') return after(source, /\*\//g, at + 2)
  const first = rest.charAt(0)
  if (first === "'" || first === '"')
    return after(source, first === "'" ? /(?<!\\)(?:\\\\)*'/g : /(?<!\\)(?:\\\\)*"/g, at + 1)
  if (first === '`') return after(source, /(?<!\\)(?:\\\\)*`/g, at + 1)
  if (first === '/' && mayBeginExpression(before))
    return after(source, /(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/g, at + 1)
  return at
}

function after(source: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from
  const found = pattern.exec(source)
  return found === null ? source.length : found.index + found[0].length
}

/** A slash after a value divides; after an operator it begins a regular expression. */
function mayBeginExpression(before: readonly string[]): boolean {
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const character = before[i] ?? ''
    if (!/\s/.test(character)) return '(,=:[!&|?{};+-*%<>~^'.includes(character)
  }
  return true
}
