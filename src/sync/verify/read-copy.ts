/** The rows of `copy … to stdout` in text format; null is null. */
export async function* readCopy(source: AsyncIterable<Buffer>): AsyncGenerator<readonly (string | null)[]> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of source) {
    // A line may be cut anywhere, also within a character: lines are found in bytes.
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      yield bytes.toString('utf8', start, end).split('\t').map(copyValue)
      start = end + 1
    }
    rest = bytes.subarray(start)
  }
}

// --- internal ---

const newline = 0x0a

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', '\\': '\\' }

function copyValue(text: string): string | null {
  if (text === '\\N') return null
  return text.includes('\\')
    ? text.replaceAll(/\\(.)/gs, (_, character: string) => escapes[character] ?? character)
    : text
}
