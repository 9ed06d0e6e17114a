/** Text as it stands in the source, without the indentation of its first line and without the first and the last line break. */
export function unindented(parts: TemplateStringsArray, ...values: readonly string[]): string {
  const indent = /^\n( *)/.exec(parts[0] ?? '')?.[1] ?? ''
  const text = parts.map((part) => part.replaceAll(`\n${indent}`, '\n'))
  // An interpolated value keeps its own lines as they are.
  const joined = text.map((part, index) => part + (values[index] ?? '')).join('')
  return joined.replace(/^\n/, '').replace(/\n *$/, '\n')
}
