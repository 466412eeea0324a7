// What moderators read, in words of no platform: adapters render it so that nothing in it pings, unfolds or becomes mark-up.

/** A piece of a line. Every text is data: adapters escape it. */
export type Span =
  | string
  | { readonly kind: 'strong'; readonly text: string }
  /** A link to a message; its address is the platform's own. */
  | { readonly kind: 'link'; readonly text: string; readonly url: string }
  /** A person, shown by name and not notified. */
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'channel'; readonly id: string }

/** One line. */
export type NoticeLine = readonly Span[]

/** A picture with the frames of a clip. */
export interface NoticePicture {
  /** PNG file. */
  readonly png: Uint8Array
  /** The same made unrecognisable, for platforms that hide no picture until it is clicked. */
  readonly blurredPng: Uint8Array
  /** The same in words. */
  readonly description: string
}

/** What can be done about an alert. */
export const ALERT_VERBS = ['dismiss', 'confirm', 'delete', 'time-out', 'thread'] as const
/** One of them. */
export type AlertVerb = (typeof ALERT_VERBS)[number]
/** Those that do something on the platform; off until the operator switches them on. */
export const ALERT_ACTIONS = ['delete', 'time-out', 'thread'] as const
/** One of them. */
export type AlertAction = (typeof ALERT_ACTIONS)[number]

/** A button under an alert. */
export interface NoticeButton {
  readonly verb: AlertVerb
  readonly label: string
  /** Asked before it is done; absent for what changes nothing on the platform. */
  readonly confirmation?: { readonly question: string; readonly yes: string; readonly no: string }
}

/** A picture or a text that goes along as a file. */
export interface NoticeFile {
  readonly name: string
  readonly content: Uint8Array
  /** In words, for a picture. */
  readonly description?: string
}

/** One post of Valley for moderators. */
export interface Notice {
  readonly lines: readonly NoticeLine[]
  /** Of an alert; hidden or blurred until somebody asks for it. */
  readonly picture?: NoticePicture
  /** Shown as it is. */
  readonly files?: readonly NoticeFile[]
  /** Present for an alert that waits for a verdict, and for a confirmed one whose post can be acted upon. */
  readonly alert?: { readonly id: number; readonly buttons: readonly NoticeButton[]; readonly reveal: string }
  /** Said under the last line that fits, when the others are only in the file. */
  readonly restAttached: string
  /** Name of that file. */
  readonly restName: string
  /** Said last where the platform lets Valley attach nothing, neither picture nor file. Absent: nothing is said of it. */
  readonly notAttached?: string
}

/** Several as one line, with commas between. */
export function joined(lines: readonly NoticeLine[]): NoticeLine {
  return lines.flatMap((line, index) => (index === 0 ? line : [', ', ...line]))
}

/** A line as plain text, for files and logs. */
export function plainNoticeLine(line: NoticeLine, nameOf: (id: string) => string = (id) => id): string {
  return line
    .map((span) => {
      if (typeof span === 'string') return span
      if (span.kind === 'strong') return span.text
      if (span.kind !== 'link') return nameOf(span.id)
      return span.text === span.url ? span.url : `${span.text} (${span.url})`
    })
    .join('')
}

/**
 * The lines that fit one post.
 * @param rendered lines as the platform takes them
 * @param longest characters of a post, line breaks counted
 * @param rest rendered line to say that the others are attached
 * @returns the text, and whether lines were left out
 */
export function fitLines(
  rendered: readonly string[],
  longest: number,
  rest: string,
): { readonly text: string; readonly isCut: boolean } {
  const whole = rendered.join('\n')
  if (whole.length <= longest) return { text: whole, isCut: false }
  const kept: string[] = []
  let length = rest.length
  for (const line of rendered) {
    if (length + line.length + 1 > longest) break
    kept.push(line)
    length += line.length + 1
  }
  return { text: [...kept, rest].join('\n'), isCut: true }
}
