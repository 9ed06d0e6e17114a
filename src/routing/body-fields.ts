import { isJson, type JsonFields, readJson } from './json-fields.ts'
import { isForm, type PhpValues, readForm } from './php-values.ts'

/** What a body says, for patterns that look into it. */
export type BodyFields =
  | { readonly kind: 'form'; readonly fields: PhpValues }
  | { readonly kind: 'json'; readonly fields: JsonFields }

export type BodyKind = BodyFields['kind']

/** The kind of fields that a body of this type could have. */
export function bodyKind(contentType: string | undefined): BodyKind | undefined {
  if (isForm(contentType)) return 'form'
  return isJson(contentType) ? 'json' : undefined
}

/** 'not-available' where a body is of another type, or is not what its type says. */
export function readBodyFields(contentType: string | undefined, body: Buffer): BodyFields | 'not-available' {
  if (isJson(contentType)) {
    const fields = readJson(body)
    return fields === undefined ? 'not-available' : { kind: 'json', fields }
  }
  const fields = readForm(contentType, body)
  return fields === 'not-available' ? fields : { kind: 'form', fields }
}
