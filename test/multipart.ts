/** Bodies of forms, the same bytes each time. */

export interface FormFile {
  readonly filename: string
  readonly type: string
  readonly content: Buffer | string
}

export interface FormBody {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export type FormFields = readonly (readonly [name: string, value: string | FormFile])[]

export function urlencoded(fields: Readonly<Record<string, string>>): FormBody {
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(new URLSearchParams(fields).toString()),
  }
}

export function multipart(fields: FormFields): FormBody {
  const parts = fields.map(([name, value]) => {
    const file = typeof value === 'string' ? undefined : value
    const head = [
      `--${boundary}`,
      `Content-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file.filename}"`}`,
      ...(file === undefined ? [] : [`Content-Type: ${file.type}`]),
    ]
    const content = typeof value === 'string' ? value : value.content
    return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')])
  })
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  }
}

// --- internal ---

const boundary = '----ModVaultFormBoundary7MA4YWxk'
