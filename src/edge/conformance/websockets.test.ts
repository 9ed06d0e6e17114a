import { handshakeCases, plainUpgradeCases, refusedHandshakeCases, tunnelCases } from './cases/websockets.ts'
import { describeCases } from './describe-cases.ts'

describeCases({
  'a WebSocket': tunnelCases,
  'a WebSocket that PHP refuses': refusedHandshakeCases,
  'an upgrade that is no WebSocket': plainUpgradeCases,
  'an odd handshake': handshakeCases,
})
