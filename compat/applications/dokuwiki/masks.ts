import type { Mask } from '../../compare.ts'
import { masksOfTheServer } from '../../server-masks.ts'

export const dokuwikiMasks: readonly Mask[] = [
  ...masksOfTheServer,
  {
    name: 'session cookie',
    reason: 'Random; the login cookie is encrypted with a random key.',
    in: 'header',
    pattern: /(Set-Cookie: (?:DokuWiki|DW[0-9a-f]{32})=)(?!deleted)[^;]+/gi,
  },
  {
    name: 'end of a cookie',
    reason: 'So many days after the second of the answer.',
    in: 'header',
    pattern: /(Set-Cookie: [^;]+; expires=)[^;]+/gi,
  },
  {
    name: 'token',
    reason: 'Made of the session, against forged forms.',
    in: 'body',
    pattern: /(sectok(?:=|" value="|":"))[0-9a-f]{32}/g,
  },
  {
    name: 'seconds since 1970',
    reason: 'The second of the answer or of a write, in addresses, forms and versions of what was written.',
    in: 'body',
    pattern: /()(?<!\d)1[789]\d{8}(?!\d)/g,
  },
  {
    name: 'seconds since 1970 in a header',
    reason: 'As above.',
    in: 'header',
    pattern: /((?:rev|tseed|\?t)=)1[789]\d{8}/g,
  },
  {
    name: 'validator',
    reason: "A hash of the cache file's name, which the folder of the site is part of.",
    in: 'header',
    pattern: /^(ETag: (?:W\/)?")[0-9a-f]{32}(?=")/gi,
  },
  {
    name: 'seed of lists',
    reason: 'The hash of a cache, which the folder of the site is part of.',
    in: 'body',
    pattern: /(tseed=)[0-9a-f]+/g,
  },
  {
    name: 'hash of a form',
    reason: 'The checksum that a form starts with, over a time.',
    in: 'body',
    pattern: /(name="(?:changecheck|lockid)" value=")[0-9a-f]{32}/g,
  },
  {
    name: 'time of the clock',
    reason: 'The second of a write or of the answer.',
    in: 'body',
    pattern: /()(?<!\d)\d\d:\d\d:\d\d(?!\d)/g,
  },
]
