import type { Journey } from '../../application.ts'
import { askOddThings, crawlAsVisitor, readingJourneys } from './reading.ts'
import { uploadJourneys } from './uploads.ts'
import { logInAndOut, writingJourneys } from './writing.ts'

export const wordpressJourneys: readonly Journey[] = [...readingJourneys, ...writingJourneys, ...uploadJourneys]

/** Where the scheme decides addresses and cookies; the rest is the same code. */
export const wordpressSecureJourneys: readonly Journey[] = [
  { name: 'https: crawl as visitor', walk: (pair) => crawlAsVisitor(pair, 300, 40, 'https') },
  { name: 'https: search, redirects and what is not there', walk: askOddThings },
  { name: 'https: log in and out', walk: logInAndOut },
  { name: 'https: uploads', walk: async (pair) => uploadJourneys[0]?.walk(pair) },
]
