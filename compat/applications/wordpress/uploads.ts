import type { Journey } from '../../application.ts'
import { multipartBody, multipartType, noise, smallPng } from '../../multipart.ts'
import { caught, type Pair, type Visitor } from '../../pair.ts'
import type { Both } from '../../sides.ts'
import { fieldOf, logIn, restNonce } from './visits.ts'

export const uploadJourneys: readonly Journey[] = [{ name: 'uploads', walk: upload }]

// --- internal ---

async function upload(pair: Pair): Promise<void> {
  const visitor = pair.visitor()
  await logIn(visitor)
  await uploadByForm(visitor)
  await uploadByRest(visitor, await restNonce(visitor))
  const list = await visitor.get('/wp-json/wp/v2/media?per_page=50')
  const files = caught(list, /"source_url":"https?:\\\/\\\/[^\\]+((?:\\\/[^"\\]+)+)"/).direct.replaceAll('\\/', '/')
  await pair.visitor().get(files)
  await pair.visitor().get(files, { range: 'bytes=5-14' })
  await visitor.get('/wp-admin/upload.php?mode=list')
}

async function uploadByForm(visitor: Visitor): Promise<void> {
  const nonce = await fieldOf(visitor, '/wp-admin/media-new.php', '_wpnonce')
  const send = (file: string, type: string, bytes: Buffer, way: Way = {}) =>
    visitor.ask((side) => ({
      method: 'POST',
      target: '/wp-admin/async-upload.php',
      headers: { 'content-type': multipartType, ...way.headers },
      ...(way.chunked === true ? { chunked: true } : {}),
      body: multipartBody([
        { name: 'name', value: file },
        { name: 'post_id', value: '0' },
        { name: '_wpnonce', value: nonce[side] },
        { name: 'action', value: 'upload-attachment' },
        { name: 'async-upload', value: bytes, file, type },
      ]),
    }))
  await send('dot.png', 'image/png', smallPng)
  await send('dot.png', 'image/png', smallPng)
  await send('wörd "with" spaces.png', 'image/png', smallPng)
  for (const way of ways) {
    await send('notes.txt', 'text/plain', Buffer.from('Line\r\n'.repeat(1_000)), way)
    await send('archive.zip', 'application/zip', noise(300_000), way)
    await send('song.mp3', 'audio/mpeg', noise(3_000_000), way)
  }
  await send('page.php', 'application/x-php', Buffer.from('<?php phpinfo();'))
  await send('empty.txt', 'text/plain', Buffer.alloc(0))
  await send('fake.jpg', 'image/jpeg', noise(2_000))
  // Beyond what PHP takes as a file, and beyond what nginx takes at all.
  await send('large.zip', 'application/zip', noise(32 * 1_048_576 + 100_000))
  await visitor.ask({
    method: 'POST',
    target: '/wp-admin/async-upload.php',
    headers: { 'content-type': multipartType },
    body: multipartBody([]).subarray(0, 20),
  })
}

interface Way {
  readonly headers?: Readonly<Record<string, string>>
  readonly chunked?: boolean
}

/** How a body may come: at once, in pieces, or after the server was asked; a browser, curl and a script do it so. */
const ways: readonly Way[] = [
  {},
  { chunked: true },
  { headers: { expect: '100-continue' } },
  { headers: { expect: '100-continue' }, chunked: true },
]

async function uploadByRest(visitor: Visitor, nonce: Both<string>): Promise<void> {
  const send = (type: string, disposition: string, body: Buffer, way: Way = {}) =>
    visitor.ask((side) => ({
      method: 'POST',
      target: '/wp-json/wp/v2/media',
      headers: {
        'content-type': type,
        'content-disposition': disposition,
        'x-wp-nonce': nonce[side],
        ...way.headers,
      },
      ...(way.chunked === true ? { chunked: true } : {}),
      body,
    }))
  for (const way of ways) {
    await send('image/png', 'attachment; filename="by-rest.png"', smallPng, way)
    await send('application/pdf', 'attachment; filename="paper.pdf"', noise(700_000), way)
  }
  await send('image/png', "attachment; filename*=UTF-8''%C3%BC.png", smallPng)
  await send('text/html', 'attachment; filename="x.html"', Buffer.from('<b>'))
  await send('image/png', '', smallPng)
}
