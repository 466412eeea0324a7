// Which clips a question names by their place in the conversation: "the first clip", "the second video", "both". In every
// language that Valley speaks, whatever the person's locale. A place counts only beside a word for a clip, since "what came
// first?" asks about what is in it.

/** What a question names. */
export type NamedClips =
  /** Clips by number, 1 for the first; ascending. */
  | { readonly type: 'numbers'; readonly numbers: readonly number[] }
  /** The newest. */
  | { readonly type: 'last' }
  /** The one before the one that was spoken of. */
  | { readonly type: 'previous' }
  /** The last two; certain when a word for clips stands with it. */
  | { readonly type: 'both'; readonly certain: boolean }
  | { readonly type: 'all' }

const CLIP = {
  en: '(?:clips?|videos?|gifs?|movies?|recordings?|animations?)',
  es: '(?:clips?|v[ií]deos?|gifs?|grabaci(?:ón|ones)|animaci(?:ón|ones))',
  zh: '(?:视频|影片|片段|短片|动图|录像|視頻|動圖|錄像)',
} as const

const ORDINALS: readonly (readonly [number, { readonly en: string; readonly es: string; readonly zh: string }])[] = [
  [1, { en: 'first|1st', es: 'primera?|primero|1[.ºªer]+', zh: '一|1' }],
  [2, { en: 'second|2nd', es: 'segund[oa]|2[.ºª]+', zh: '二|2' }],
  [3, { en: 'third|3rd', es: 'tercera?|tercero|3[.ºªer]+', zh: '三|3' }],
  [4, { en: 'fourth|4th', es: 'cuart[oa]|4[.ºª]+', zh: '四|4' }],
  [5, { en: 'fifth|5th', es: 'quint[oa]|5[.ºª]+', zh: '五|5' }],
]

/** Ends a word in languages that part words; `\b` knows only letters of English. */
const END = '(?![\\p{L}\\p{N}])'
const START = '(?<![\\p{L}\\p{N}])'

/** `first`, or `first and second`: what stands between two ordinals that share a word for a clip. */
const JOINED = {
  en: '(?:\\s*(?:,|and|or|&)\\s*(?:the\\s+)?(?:first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th))*',
  es: '(?:\\s*(?:,|y|e|o|u|&)\\s*(?:el\\s+|la\\s+)?(?:primer[oa]?|segund[oa]|tercer[oa]?|cuart[oa]|quint[oa]))*',
} as const

const PLACES = ORDINALS.map(([number, { en, es, zh }]) => ({
  number,
  patterns: [
    new RegExp(`${START}(?:${en})${JOINED.en}\\s+${CLIP.en}${END}`, 'iu'),
    new RegExp(`${START}(?:${es})${JOINED.es}\\s+${CLIP.es}${END}`, 'iu'),
    new RegExp(`${START}${CLIP.es}\\s+(?:${es})${END}`, 'iu'),
    new RegExp(`第(?:${zh})[个個段部条條只支]?${CLIP.zh}`, 'u'),
  ],
}))

/** What a number counts when it does not number a clip: `the clip 5 seconds in`, `video 2:30`, `clip 1.5x`. */
const UNIT =
  '\\s*(?:s|secs?|seconds?|min|minutes?|frames?|fps|x|segundos?|minutos?|fotogramas?)(?![\\p{L}])|\\s*[秒分帧幀:%×]|[.,]\\d'

/** `clip 2`, `video #2`, `clip number 2`, `vídeo n.º 2`, `视频2`. */
const NUMBERED = new RegExp(
  `(?:${START}(?:${CLIP.en}|${CLIP.es})\\s*(?:#|no\\.?|number|n[.º°]*|número)?\\s*|${CLIP.zh}\\s*)(\\d{1,2})(?![\\da-z])(?!${UNIT})`,
  'giu',
)

const LAST = [
  new RegExp(`${START}(?:last|latest|newest|most recent)\\s+${CLIP.en}${END}`, 'iu'),
  new RegExp(`${START}[uú]ltim[oa]\\s+${CLIP.es}${END}`, 'iu'),
  new RegExp(`最[后後新]的?(?:一[个個段部条條])?${CLIP.zh}`, 'u'),
]
const PREVIOUS = [
  new RegExp(`${START}(?:previous|earlier|other)\\s+${CLIP.en}${END}`, 'iu'),
  new RegExp(`${START}(?:otr[oa]\\s+${CLIP.es}|${CLIP.es}\\s+anterior)${END}`, 'iu'),
  new RegExp(`(?:上一|前一|另一|另外一)[个個段部条條]?${CLIP.zh}`, 'u'),
]
const BOTH_CLIPS = [
  new RegExp(`${START}both\\s+(?:of\\s+)?(?:the\\s+|these\\s+|those\\s+)?(?:two\\s+)?${CLIP.en}${END}`, 'iu'),
  new RegExp(`${START}(?:the|these|those)\\s+two\\s+${CLIP.en}${END}`, 'iu'),
  new RegExp(`${START}(?:amb[oa]s|(?:l|est|es)[oa]s\\s+dos)\\s+${CLIP.es}${END}`, 'iu'),
  new RegExp(`[两兩][个個段部条條]?${CLIP.zh}`, 'u'),
]
/** Said of clips only if nothing follows that there could be two of: "both dogs" are in a clip. */
const BOTH_ALONE = [
  new RegExp(
    `${START}both${END}(?:\\s*(?:$|[.,;:!?])|\\s+(?:of\\s+them|show|contain|start|end|look|have)${END})`,
    'iu',
  ),
  new RegExp(`${START}(?:amb[oa]s|l[oa]s\\s+dos)${END}\\s*(?:$|[.,;:!?])`, 'iu'),
  /[两兩][个個段](?:都|$|[。，、！？?!])/u,
]
const ALL = [
  new RegExp(`${START}all\\s+(?:of\\s+)?(?:the\\s+|these\\s+|those\\s+)?(?:\\w+\\s+)?${CLIP.en}${END}`, 'iu'),
  new RegExp(`${START}tod[oa]s\\s+(?:l[oa]s\\s+|est[oa]s\\s+)?${CLIP.es}${END}`, 'iu'),
  new RegExp(`(?:所有的?|全部的?|每[个個段部])${CLIP.zh}`, 'u'),
]

/** What a question names; null when it names no clip. */
export function namedClips(words: string): NamedClips | null {
  const text = words.normalize('NFC')
  if (matches(ALL, text)) return { type: 'all' }
  if (matches(BOTH_CLIPS, text)) return { type: 'both', certain: true }
  const numbered = [...text.matchAll(NUMBERED)].map(([, digits]) => Number(digits)).filter((number) => number > 0)
  const places = PLACES.filter(({ patterns }) => matches(patterns, text)).map(({ number }) => number)
  const numbers = [...new Set([...numbered, ...places])].sort((a, b) => a - b)
  if (numbers.length > 0) return { type: 'numbers', numbers }
  if (matches(LAST, text)) return { type: 'last' }
  if (matches(PREVIOUS, text)) return { type: 'previous' }
  return matches(BOTH_ALONE, text) ? { type: 'both', certain: false } : null
}

function matches(patterns: readonly RegExp[], text: string): boolean {
  return patterns.some((pattern) => pattern.test(text))
}
