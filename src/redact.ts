// Takes secrets out of text that leaves the program: the log, error lines. Known secrets go by value, others by the look
// that the platforms give to theirs.

/** Stands where a secret was. */
export const REDACTED = '[secret]'

/** What a secret looks like, and what is left of the match. No pattern takes a quote or a backslash, so JSON stays JSON. */
const PATTERNS: readonly (readonly [look: RegExp, left: string])[] = [
  // Slack: bot, user, app-level, refresh and configuration tokens, e.g. xoxb-…, xapp-1-…, xoxe.xoxp-1-….
  [/\bx(?:ox[a-z](?:\.xox[a-z])?|app|wfp)-[\w-]+/gi, REDACTED],
  // Discord: the id in Base64, a time stamp, a signature; and tokens of accounts with two factors.
  [/\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g, REDACTED],
  [/\bmfa\.[\w-]{20,}/g, REDACTED],
  // Hugging Face: access tokens.
  [/\bhf_[A-Za-z0-9]{8,}/g, REDACTED],
  // Addresses that whoever knows them may post to.
  [/(\b(?:webhooks|interactions)\/\d+\/)[\w-]+/g, `$1${REDACTED}`],
  [/(\bhooks\.slack\.com\/)[\w/-]+/g, `$1${REDACTED}`],
  [/(\b(?:Bearer|Bot|Basic)\s+)[\w.~+/=-]{12,}/g, `$1${REDACTED}`],
  // Signatures and keys in the query of an address, and credentials before its host.
  [
    /([?&](?:hm|sig|signature|x-amz-signature|token|access_token|client_secret|code|state|key)=)[^&\s"'\\<>]+/gi,
    `$1${REDACTED}`,
  ],
  [/(\/\/)[^/\s"'\\@:]+:[^/\s"'\\@]+@/g, `$1${REDACTED}@`],
  // Fields of JSON by their name.
  [
    /("(?:[\w-]*token|[\w-]*secret|authorization|password|cookie|set-cookie|x-slack-signature)"\s*:\s*)"(?:[^"\\]|\\.)+"/gi,
    `$1"${REDACTED}"`,
  ],
]

/** Shorter values would also be found in ordinary words. */
const SHORTEST_KNOWN_SECRET = 6

/**
 * Makes a function that takes secrets out of text.
 * @param secrets values to hide wherever they appear, also as JSON writes them; those under 6 characters are passed over
 */
export function makeRedactor(secrets: readonly string[] = []): (text: string) => string {
  const known = secrets
    .filter((secret) => secret.length >= SHORTEST_KNOWN_SECRET)
    .flatMap((secret) => [secret, escaped(secret), escaped(escaped(secret)), encodeURIComponent(secret)])
    // The longest first: one may be part of another.
    .sort((a, b) => b.length - a.length)
  return (text) => {
    let clean = text
    for (const secret of known) clean = clean.replaceAll(secret, REDACTED)
    for (const [look, left] of PATTERNS) clean = clean.replace(look, left)
    return clean
  }
}

/** As JSON writes it; twice over for JSON within JSON. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** Takes out what looks like a secret. */
export const redactTokens: (text: string) => string = makeRedactor()
