import { handshakeCases, plainUpgradeCases, refusedHandshakeCases } from './cases/websocket-refusals.ts'
import { tunnelCases } from './cases/websockets.ts'
import { describeCases } from './describe-cases.ts'

describeCases({
  'a WebSocket': tunnelCases,
  'a WebSocket that PHP refuses': refusedHandshakeCases,
  'an upgrade that is no WebSocket': plainUpgradeCases,
  'an odd handshake': handshakeCases,
})
