/** What nginx and the clock put into any site's answers, and no two copies have in common. */
import type { Mask } from './compare.ts'

/** As they stand in headers: `Sat, 21 Nov 2026`. A run may go on past midnight. */
const today = [0, 1].map((day) => new Date(Date.now() + day * 86_400_000).toUTCString().slice(0, 16)).join('|')
/** Seconds since 1970 in hexadecimal, but for the last 18 hours' worth of digits. */
const secondsNow = Math.floor(Date.now() / 1000)
  .toString(16)
  .slice(0, 4)

export const masksOfTheServer: readonly Mask[] = [
  {
    name: 'boundary of parts',
    reason: 'nginx numbers the boundaries of its answers in several parts.',
    in: 'header',
    pattern: /(multipart\/byteranges; boundary=)\d{20}/g,
  },
  {
    name: 'boundary of parts in a body',
    reason: 'As above.',
    in: 'body',
    pattern: /(\r\n--)\d{20}/g,
  },
  {
    name: 'second of a change',
    reason: 'Last-Modified of what the run itself has written, which the two copies may do in two seconds.',
    in: 'header',
    pattern: new RegExp(`^(Last-Modified: )(?:${today}) [0-9:]{8} GMT`, 'gi'),
  },
  {
    name: 'second of a change in an ETag',
    reason: 'nginx makes it of the time and the length of a file.',
    in: 'header',
    pattern: new RegExp(`^(ETag: (?:W/)?")${secondsNow}[0-9a-f]{4}(?=-[0-9a-f]+")`, 'gi'),
  },
  {
    name: 'end of keeping',
    reason: 'So many days after the second of the answer.',
    in: 'header',
    pattern: /^(Expires: )(?!.*19(?:84|81|70)).*/gi,
  },
]
