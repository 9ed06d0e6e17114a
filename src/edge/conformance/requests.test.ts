import { chunkCases } from './cases/chunks.ts'
import { framingCases } from './cases/framing.ts'
import { headerSyntaxCases } from './cases/header-syntax.ts'
import { hostCases } from './cases/hosts.ts'
import { requestLineCases } from './cases/request-line.ts'
import { targetCases } from './cases/targets.ts'
import { codingCases } from './cases/transfer-codings.ts'
import { describeCases } from './describe-cases.ts'

describeCases({
  'the request line': requestLineCases,
  'the target': targetCases,
  'the host': hostCases,
  headers: headerSyntaxCases,
  'the length of a body': framingCases,
  'the transfer coding of a body': codingCases,
  'a body in chunks': chunkCases,
})
