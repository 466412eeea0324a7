// Numbers and times as some families' prompts spell them.

const SMALL = [
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'],
  ...['thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'],
]
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety']

/** A whole number from 0 to 999999 in English, as Python's num2words: `one hundred and twenty-three`. */
export function numberInWords(value: number): string {
  if (value < 20) return SMALL[value]!
  if (value < 100) return TENS[Math.floor(value / 10)]! + (value % 10 === 0 ? '' : `-${SMALL[value % 10]}`)
  if (value < 1000) return joined(`${SMALL[Math.floor(value / 100)]} hundred`, value % 100, ' and ')
  const rest = value % 1000
  return joined(`${numberInWords(Math.floor(value / 1000))} thousand`, rest, rest < 100 ? ' and ' : ', ')
}

function joined(head: string, rest: number, separator: string): string {
  return rest === 0 ? head : head + separator + numberInWords(rest)
}

/** Seconds as MM:SS, cut to whole ones; minutes may pass 59. */
export function clockTime(seconds: number): string {
  return `${twoDigits(Math.floor(seconds / 60))}:${twoDigits(Math.floor(seconds % 60))}`
}

/** Seconds as H:MM:SS, cut to whole ones. */
export function hoursMinutesSeconds(seconds: number): string {
  return `${Math.floor(seconds / 3600)}:${clockTime(seconds % 3600)}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}

/** Seconds with one decimal, halves up: 2.25 is `2.3`. Training writes the same (frame_times.py). */
export function secondsInTenths(seconds: number): string {
  const tenths = Math.floor(seconds * 10 + 0.5)
  return `${Math.floor(tenths / 10)}.${tenths % 10}`
}
