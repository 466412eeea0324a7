// The frame of a page that opens from a file: no server, no network, and no script but the one whose hash its policy names.
import { createHash } from 'node:crypto'
import { type Html, html, raw } from './html.ts'

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --paper: #fdfdfc; --soft: #6a6f76; --line: #d9dbde; --bar: #3b78c4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e4; --paper: #18191c; --soft: #9a9fa6; --line: #3a3c42; --bar: #4f9dff; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto; max-width: 1180px; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; } h3 { font-size: 1rem; margin: 0 0 .4rem; }
.soft, .none { color: var(--soft); } .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(540px, 1fr)); gap: 1.5rem; }
svg { max-width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: var(--ink); } svg .count { fill: var(--soft); } svg rect { fill: var(--bar); }
article { border: 1px solid var(--line); border-radius: 6px; padding: 1rem; margin: 1rem 0; display: grid; grid-template-columns: minmax(280px, 2fr) 3fr; gap: 1.2rem; }
article img { width: 100%; height: auto; border-radius: 4px; } dl { margin: 0; } dt { font-weight: 600; overflow-wrap: anywhere; } dd { margin: 0 0 .7rem; white-space: pre-wrap; overflow-wrap: anywhere; }
fieldset { border: 0; padding: 0; margin: .5rem 0; } legend { font-weight: 600; padding: 0; } label { margin-right: 1rem; white-space: nowrap; }
.bar { position: sticky; top: 0; background: var(--paper); border-bottom: 1px solid var(--line); padding: .7rem 0; display: flex; gap: 1rem; align-items: center; flex-wrap: wrap; z-index: 1; }
button, input[type=text] { font: inherit; padding: .25rem .7rem; } article.done { border-color: #3f9d5f; }
@media (max-width: 760px) { article { grid-template-columns: 1fr; } .charts { grid-template-columns: 1fr; } }
@media print { .bar { position: static; } article { break-inside: avoid; } }
`

/** What a page is made of. */
export interface PageContent {
  readonly title: string
  readonly body: Html
  /** The only script that may run; its text is ours. */
  readonly script?: string
}

/** Makes the page. */
export function renderPage({ title, body, script }: PageContent): string {
  const hash = script === undefined ? "'none'" : `'sha256-${createHash('sha256').update(script).digest('base64')}'`
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${hash}; base-uri 'none'; form-action 'none'`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${body}
${script === undefined ? '' : raw(`<script>${script}</script>`)}
</body>
</html>
`
  return page.html
}
