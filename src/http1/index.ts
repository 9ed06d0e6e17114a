export { ChunkedDecoder } from './chunked-decoder.ts'
export { HeaderList, hopByHopBits } from './header-list.ts'
export { type HeaderName, headerBits, headerName } from './header-names.ts'
export { hostSyntax } from './host.ts'
export {
  type HeadRefusal,
  headBytesMax,
  type ReadHead,
  type RefusalKind,
  type RequestFraming,
  type RequestHead,
  readRequestHead,
} from './request-head.ts'
export { type ReadResponseHead, type ResponseFraming, type ResponseHead, readResponseHead } from './response-head.ts'
