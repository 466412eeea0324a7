// Text of strangers inside a page: captions may hold tags, quotes and worse.

/** HTML that may be put into a page as it is. */
export interface Html {
  readonly html: string
}

/** What a template takes: text is escaped, HTML is not; lists are put one after the other. */
export type HtmlPart = string | number | Html | readonly HtmlPart[]

/** Text for the inside of an element or of a quoted attribute. Control characters that HTML forbids go. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[^\P{Cc}\t\n]/gu, '�')
}

/** A template whose values are escaped unless they are HTML. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlPart[]): Html {
  return { html: strings.map((text, index) => text + (index < values.length ? partText(values[index]!) : '')).join('') }
}

/** HTML that was made by us and holds nothing of strangers. */
export function raw(text: string): Html {
  return { html: text }
}

function partText(part: HtmlPart): string {
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  return 'html' in part ? part.html : part.map(partText).join('')
}

/** A value inside a script element of type application/json: no text in it can end the element. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A PNG file inside the page. */
export function pngAddress(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`
}
