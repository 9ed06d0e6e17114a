export { createPhpBridge, type PhpBridge, type PhpBridgeOptions } from './bridge.ts'
export { cookieValue } from './cookies.ts'
export { MalformedPhpValue, type PhpEntry, type PhpKey, type PhpValue } from './serialized.ts'
export { PhpSession } from './session.ts'
