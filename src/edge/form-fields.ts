import { isUrlencodedForm, type PhpValues, readForm } from '../routing/index.ts'

/** True where the body may hold form fields that a route can ask for. */
export function holdsForm(contentType: string | undefined): boolean {
  return isUrlencodedForm(contentType) || multipartBoundary(contentType) !== undefined
}

/** The fields of a form that was read whole; 'not-available' where PHP would find none, or too many. */
export function formFields(contentType: string | undefined, body: Buffer): PhpValues | 'not-available' {
  const boundary = multipartBoundary(contentType)
  return boundary === undefined ? readForm(contentType, body) : multipartFields(body, boundary)
}

// --- internal ---

/** PHP's default for max_input_vars. */
const partsMax = 1000

function multipartBoundary(contentType: string | undefined): string | undefined {
  const boundary = /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,200})"|([^\s";,]{1,200}))/i.exec(
    contentType ?? '',
  )
  return boundary?.[1] ?? boundary?.[2]
}

/**
 * The text fields, by name; files are passed over. Only what a route asks for needs to be right here: PHP parses the same
 * bytes again. Names that PHP would change (dots, spaces, brackets) are left out, so no route can be chosen by them.
 */
function multipartFields(body: Buffer, boundary: string): PhpValues {
  const fields = new Map<string, string | undefined>()
  const delimiter = Buffer.from(`--${boundary}`, 'latin1')
  let start = body.indexOf(delimiter)
  for (let parts = 0; start !== -1 && parts < partsMax; parts += 1) {
    const next = body.indexOf(Buffer.concat([Buffer.from('\r\n'), delimiter]), start + delimiter.length)
    if (next === -1) {
      break
    }
    const field = readPart(body.subarray(start + delimiter.length, next))
    if (field !== undefined) {
      fields.set(field.name, field.value)
    }
    start = next + 2
  }
  return fields
}

function readPart(part: Buffer): { readonly name: string; readonly value: string } | undefined {
  const headEnd = part.indexOf('\r\n\r\n')
  if (headEnd === -1) {
    return undefined
  }
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(part.toString('latin1', 0, headEnd))?.[1]
  if (disposition === undefined || /;\s*filename\*?=/i.test(`;${disposition}`)) {
    return undefined
  }
  const name = /(?:^|;)\s*name=(?:"([\w-]{1,200})"|([\w-]{1,200})\s*(?:;|$))/i.exec(disposition)
  const plain = name?.[1] ?? name?.[2]
  return plain === undefined ? undefined : { name: plain, value: part.toString('utf8', headEnd + 4) }
}
