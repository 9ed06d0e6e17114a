export { isTargetByte, isTokenByte, isValueByte } from './byte-classes.ts'
export { ChunkedDecoder } from './chunked-decoder.ts'
export { ConnectionHost, type HostLimits, type Rejection } from './connection-host.ts'
export type { ConnectionHandler, RefusalAnswer } from './connection-owner.ts'
export { HeaderList, hopByHopBits } from './header-list.ts'
export { detached, type HeaderName, headerBits, headerName } from './header-names.ts'
export { hostSyntax } from './host.ts'
export type {
  Answer,
  ClientConnection,
  ClientStream,
  Departure,
  Incoming,
  IncomingFailure,
  IncomingSink,
} from './message.ts'
export {
  type HeadRefusal,
  headBytesMax,
  judgeHead,
  type ReadHead,
  type RefusalKind,
  type RequestFraming,
  type RequestHead,
  readRequestHead,
  targetBytesMax,
} from './request-head.ts'
export { type ReadResponseHead, type ResponseFraming, type ResponseHead, readResponseHead } from './response-head.ts'
export type { ServerConnection } from './server-connection.ts'
export type { ServerStream } from './server-stream.ts'
export { noteTransient } from './transient-memory.ts'
