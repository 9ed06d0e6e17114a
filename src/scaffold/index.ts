export { init, initOptions } from './init.ts'
export { newEndpoint, newOptions } from './new-endpoint.ts'
export type { Terminal } from './terminal.ts'
