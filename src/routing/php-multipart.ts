/** One text field of a multipart form, as bytes (one character per byte). */
export interface MultipartField {
  readonly name: string
  readonly value: string
}

/** The boundary of a multipart form's content type, or undefined where it is no such form. */
export function multipartBoundary(contentType: string | undefined): string | undefined {
  const found = /^multipart\/form-data\s*;\s*boundary=(?:"([^"\\]{1,70})"|([^\s";,\\]{1,70}))\s*$/i.exec(
    contentType ?? '',
  )
  return found?.[1] ?? found?.[2]
}

/**
 * The text fields of a multipart body; files are passed over. Only what every browser and client library sends is read: parsers
 * differ in the rest, and a route must not be chosen by a field that PHP would not see. undefined for all of that.
 */
export function readMultipart(
  body: string,
  boundary: string,
  fieldsMax: number,
): readonly MultipartField[] | undefined {
  const opening = `--${boundary}\r\n`
  const separator = `\r\n--${boundary}`
  if (!body.startsWith(opening)) return undefined
  const fields: MultipartField[] = []
  let start = opening.length
  for (let parts = 0; parts < fieldsMax; parts += 1) {
    const end = body.indexOf(separator, start)
    if (end === -1) return undefined
    const part = readPart(body.slice(start, end))
    if (part === undefined) return undefined
    if (part !== 'file') fields.push(part)
    const after = body.slice(end + separator.length, end + separator.length + 2)
    if (after === '--') return fields
    if (after !== '\r\n') return undefined
    start = end + separator.length + 2
  }
  return undefined
}

// --- internal ---

function readPart(part: string): MultipartField | 'file' | undefined {
  const headEnd = part.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const lines = part.slice(0, headEnd).split('\r\n')
  const dispositions = lines.filter((line) => /^content-disposition\s*:/i.test(line))
  const [, name, file] = usualDisposition.exec(dispositions[0] ?? '') ?? []
  if (dispositions.length !== 1 || name === undefined || lines.some((line) => !headerLine.test(line))) return undefined
  return file === undefined ? { name, value: part.slice(headEnd + 4) } : 'file'
}

const usualDisposition = /^content-disposition: form-data; name="([^"\\\r\n]*)"(; filename="[^"\\\r\n]*")?$/i
/** No folded lines, no lone CR or LF. */
const headerLine = /^[A-Za-z-]+:[^\r\n]*$/
