import { bodyCases } from './cases/answer-bodies.ts'
import { breakCases, contradictionCases, leftoverCases } from './cases/answer-faults.ts'
import { answerHeaderCases, statusCases } from './cases/answer-heads.ts'
import { interimCases } from './cases/interim-answers.ts'
import { describeCases } from './describe-cases.ts'

describeCases({
  'the status line': statusCases,
  "PHP's headers": answerHeaderCases,
  'interim answers': interimCases,
  "PHP's bodies": bodyCases,
  'answers that contradict themselves': contradictionCases,
  'answers that break off': breakCases,
  'bytes behind an answer': leftoverCases,
})
