import type { Mask } from '../../compare.ts'
import { masksOfTheServer } from '../../server-masks.ts'

export const wordpressMasks: readonly Mask[] = [
  ...masksOfTheServer,
  {
    name: 'login cookie',
    reason: 'User, end, random token of the session and a signature of the three.',
    in: 'header',
    pattern: /(Set-Cookie: wordpress_(?:logged_in_|sec_)?[0-9a-f]{32}=)(?!%20;)[^;]+/gi,
  },
  {
    name: 'end of a cookie',
    reason: 'So many days after the second of the answer.',
    in: 'header',
    pattern: /(Set-Cookie: (?:wp-settings-|wp-postpass_|comment_author|wordpress_)[^;]+; expires=)[^;]+/gi,
  },
  {
    name: 'time of settings',
    reason: 'The second in which a person was last seen in the administration.',
    in: 'header',
    pattern: /(Set-Cookie: wp-settings-time-\d+=)\d+/gi,
  },
  {
    name: 'password hash in a cookie',
    reason: "The visitor's word for a protected post, hashed with a random salt.",
    in: 'header',
    pattern: /(Set-Cookie: wp-postpass_[0-9a-f]{32}=)[^;]+/gi,
  },
  {
    name: 'nonce in a header',
    reason: 'X-WP-Nonce and addresses with _wpnonce: made of the random token of the session.',
    in: 'header',
    pattern: /((?:X-WP-Nonce: |_wpnonce=))[0-9a-f]{10}/gi,
  },
  {
    name: 'time of the clock',
    reason: 'The second of a write, or of the answer, as WordPress, feeds and interfaces spell it.',
    in: 'body',
    pattern: /()(?<!\d)\d{1,2}:\d\d:\d\d(?!\d)/g,
  },
  {
    name: 'seconds since 1970',
    reason: 'The second of the answer.',
    in: 'body',
    pattern: /()\b1[789]\d{8}(?:\.\d+)?\b/g,
  },
  {
    name: 'nonce',
    reason: 'Ten letters made of the random token of the session, of the administrator or an editor.',
    in: 'body',
    pattern: /()(?<![0-9a-zA-Z])[0-9a-f]{10}(?![0-9a-zA-Z])/g,
  },
  {
    name: 'secret of an embedded post',
    reason: 'Ten random letters by which a frame and its page know each other.',
    in: 'body',
    pattern: /(data-secret=(?:\\?"|&quot;)|#\?secret=)[0-9A-Za-z]{10}/g,
  },
  {
    name: 'number of an embedded post',
    reason: 'A random number in the names of its tabs.',
    in: 'body',
    pattern: /(wp-embed-share-(?:tab|description)-(?:wordpress|html)-\d+-)\d+/g,
  },
  {
    name: 'server of pictures',
    reason: 'Without a mail address to choose by, one of three servers of gravatar.com is drawn.',
    in: 'body',
    pattern: /()[012](?=\.gravatar\.com)/g,
  },
  {
    name: 'mail address hidden from robots',
    reason: 'Letters are written as numbers at random.',
    in: 'body',
    pattern: /()(?:[a-z0-9.@]*&#\d{2,3};)+[a-z0-9.@]*/g,
  },
  {
    name: 'password proposed',
    reason: 'Random.',
    in: 'body',
    pattern: /(data-pw="|<kbd>)[^"<]+/g,
  },
  {
    name: 'folder of the site',
    reason: 'The two copies lie beside each other, and pages for administrators name the folder.',
    in: 'body',
    pattern: /(\/compat-wordpress-[0-9a-f]+\/)(?:direct|fig)(?=\/)/g,
  },
  {
    name: 'ETag of a feed',
    reason: 'A hash of the second of the last post or comment.',
    in: 'header',
    pattern: /^(ETag: (?:W\/)?")[0-9a-f]{32}(?=")/gi,
  },
]
