import { advisableCases } from './cases/advisable.ts'
import { connectionCases, hopCases } from './cases/connections.ts'
import { forwardingCases } from './cases/forwarding.ts'
import { expectationCases, pipelineCases } from './cases/pipelines.ts'
import { describeCases } from './describe-cases.ts'

describeCases({
  'the connection of the client': connectionCases,
  'headers of one hop': hopCases,
  'requests behind each other': pipelineCases,
  'a client that waits with its body': expectationCases,
  'what PHP is told about the client': forwardingCases,
  'what is advisable': advisableCases,
})
