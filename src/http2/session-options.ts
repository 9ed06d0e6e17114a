import type { ServerSessionOptions } from 'node:http2'
import { headBytesMax } from '../http1/index.ts'

/** Bytes of bodies that one session may have under way before somebody reads them. */
export const sessionWindowBytes = 1024 * 1024

/**
 * The limits of one session. A client that exceeds one has its stream reset, or its session ended with GOAWAY; the flood
 * limits that are not named here (SETTINGS, PING, empty frames, CONTINUATION) are nghttp2's own.
 */
export const sessionOptions: ServerSessionOptions = Object.freeze({
  settings: {
    maxConcurrentStreams: 100,
    // Of one body: more would be held here while PHP is slow, less would make uploads slow over long distances.
    initialWindowSize: 256 * 1024,
    // Twice what we let in: a head that is somewhat too large is answered 431, a larger one resets the stream.
    maxHeaderListSize: 2 * headBytesMax,
    enableConnectProtocol: false,
  },
  maxHeaderListPairs: 2_000,
  /** PHP may answer with a head as large as we read from it. */
  maxSendHeaderBlockLength: 512 * 1024,
  // Rapid reset (CVE-2023-44487): a page that is left in the middle cancels some dozens of requests at once.
  streamResetBurst: 300,
  streamResetRate: 30,
  /** Malformed requests, each of which costs us a reset (CVE-2025-8671), and streams over the limit. */
  maxSessionInvalidFrames: 200,
  maxSessionRejectedStreams: 200,
  /** PHP may repeat a header that should stand once: it is not ours to judge. */
  strictSingleValueFields: false,
  // Otherwise a value with a space at its end vanishes silently; so we see it and refuse it.
  strictFieldWhitespaceValidation: false,
})
