/** A name or address with an optional port (captured): no userinfo, no list, no path (RFC 9110 section 7.2). */
export const hostSyntax = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/
