import { abortCases, timeoutCases, uploadCases } from './cases/endings.ts'
import { pageCases, retryCases } from './cases/retries.ts'
import { describeCases } from './describe-cases.ts'

describeCases({
  'bodies on their way up': uploadCases,
  'clients that leave': abortCases,
  'waiting that ends': timeoutCases,
  'requests that are sent once more': retryCases,
  "Fig's own answers": pageCases,
})
