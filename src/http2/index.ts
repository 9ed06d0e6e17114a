export type { SessionHandler, SessionLimits } from './client-session.ts'
export { SessionHost } from './session-host.ts'
