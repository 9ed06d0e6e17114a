import type { Mask } from '../../compare.ts'
import { masksOfTheServer } from '../../server-masks.ts'

export const mediawikiMasks: readonly Mask[] = [
  ...masksOfTheServer,
  {
    name: 'number of the request in a header',
    reason: 'Random; MediaWiki takes none from outside.',
    in: 'header',
    pattern: /^(X-Request-Id: )[0-9a-f]{24}$/gi,
  },
  {
    name: 'version of pictures in a header',
    reason: "A module's hash includes the folder of the site; that of the list of modules and its ETag follow from it.",
    in: 'header',
    pattern: /^(ETag: W\/")[0-9a-z]{5}(?=")/gi,
  },
  {
    name: 'version of pictures',
    reason: 'As above.',
    in: 'body',
    pattern: /("[^"]*(?:icons|images|styles|indicators)[^"]*",")[0-9a-z]{5}(?=")/g,
  },
  {
    name: 'version of pictures in an address',
    reason: 'As above.',
    in: 'body',
    pattern: /([?&;]version=)[0-9a-z]{5}/g,
  },
  {
    name: 'identity of a text in an ETag',
    reason: 'Made of the time and the process that parsed it.',
    in: 'header',
    pattern: /^(ETag: W\/"\d+\/)[0-9a-f-]{36}/gi,
  },
  {
    name: 'life of a cookie',
    reason: 'Counted from the second in which the request came to the one in which its cookies were made.',
    in: 'header',
    pattern: /(Set-Cookie: compatPostEditRevision\d+=.*Max-Age=)(?:1200|119\d)/gi,
  },
  {
    name: 'what a preview needed',
    reason: 'Milliseconds and memory of the parser, shown below a preview.',
    in: 'body',
    pattern: /((?:CPU|Real) time usage<\/th><td>)[0-9.]+/g,
  },
  {
    name: 'session cookie',
    reason: 'Random, as are the tokens of a login that is remembered.',
    in: 'header',
    pattern: /(Set-Cookie: compat(?:_session|Token|_BPsession)=)(?!deleted)[^;]+/gi,
  },
  {
    name: 'end of a cookie',
    reason: 'So many days after the second of the answer.',
    in: 'header',
    pattern: /(Set-Cookie: [^;]+; expires=)[^;]+/gi,
  },
  {
    name: 'what the parser needed',
    reason: 'A comment at the end of each text, with milliseconds and the key of a cache.',
    in: 'body',
    pattern: /(<!--(?:\s|\\n)*(?:NewPP limit report|Saved in (?:parser )?cache|Transclusion expansion))[\s\S]*?-->/g,
  },
  {
    name: 'milliseconds of the answer',
    reason: 'wgBackendResponseTime.',
    in: 'body',
    pattern: /("wgBackendResponseTime":)\d+/g,
  },
  {
    name: 'report for the browser',
    reason: 'wgPageParseReport: the numbers of the comment again, for scripts.',
    in: 'body',
    pattern: /("wgPageParseReport":)\{[\s\S]*?\}\}\)/g,
  },
  {
    name: 'number of the request',
    reason: 'Random; MediaWiki takes none from outside.',
    in: 'body',
    pattern: /("(?:wgRequestId|reqId)":\s*"|\[)[0-9a-f]{24}(?="|\])/g,
  },
  {
    name: 'token',
    reason: 'Made of the session, against forged forms.',
    in: 'body',
    pattern: /()[0-9a-f]{40}(?=\+\\|\\u002B|%2B|&#43;)/g,
  },
  {
    name: 'token of a watch or patrol link',
    reason: 'As above.',
    in: 'body',
    pattern: /(token=)[0-9a-f]{40}/g,
  },
  {
    name: 'time of the clock',
    reason: 'The second of a write or of the answer, as MediaWiki spells it.',
    in: 'body',
    pattern: /(\b20\d\d-\d\d-\d\dT|(?<!\d))\d\d:\d\d:\d\d(?!\d)/g,
  },
  {
    name: 'minute of the clock',
    reason: 'The time of the answer, as an example beside each format of dates in the preferences.',
    in: 'body',
    pattern: /("html":"|&quot;html&quot;:&quot;|>)\d\d:\d\d(?=, (?:\d{1,2} [A-Z]|[A-Z]|20\d\d ))/g,
  },
  {
    name: 'time in fourteen digits',
    reason: 'The second of a write or of the answer, as MediaWiki stores it.',
    in: 'body',
    pattern: /()(?<!\d)202\d{11}(?!\d)/g,
  },
  {
    name: 'seconds since 1970',
    reason: 'The second of the answer.',
    in: 'body',
    pattern: /()(?<!\d)1[789]\d{8}(?:\.\d+)?(?!\d)/g,
  },
]
