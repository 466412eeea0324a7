import { CommanderError } from 'commander'
import { expect, it } from 'vitest'
import { byteText, durationText } from '../../../src/commands/number-text.ts'
import { describeError } from '../../../src/commands/report-error.ts'
import { AppError } from '../../../src/errors.ts'

it.each([
  ['CLIP_TOO_LONG', 2],
  ['QUESTION_INVALID', 2],
  ['CONFIG_INVALID', 2],
  ['PACKAGE_MISSING', 1],
  ['TOOL_MISSING', 1],
  ['INFERENCE_FAILED', 1],
  ['TIMED_OUT', 1],
] as const)('gives %s the exit status %i', (code, status) => {
  expect(describeError(new AppError(code, 'Message.'), false)).toEqual({
    text: `${code}: Message.\n`,
    exitStatus: status,
  })
})

it('stays on one line and lets no control character of a file name through', () => {
  const { text } = describeError(new AppError('CLIP_MISSING', 'The clip a\nb\u001b[31m.mp4'), false)
  expect(text).toBe('CLIP_MISSING: The clip a b[31m.mp4\n')
})

it('calls a fault of its own by name, with stack and causes only for who asks', () => {
  const fault = new TypeError('x is undefined', { cause: new Error('deeper') })
  expect(describeError(fault, false).text).toMatch(/^INFERENCE_FAILED: [^\n]*x is undefined[^\n]*\n$/)
  expect(describeError(fault, true).text).toMatch(/TypeError: x is undefined\n +at [\s\S]*caused by Error: deeper/)
})

it('turns wrong usage into one line with the way to the help', () => {
  const usage = new CommanderError(1, 'commander.unknownOption', "error: unknown option '-x'\n(Did you mean -y?)")
  expect(describeError(usage, false)).toEqual({
    text:
      "CONFIG_INVALID: Wrong command line: unknown option '-x' (Did you mean -y?). " +
      'Put -- before a file name that begins with a dash. Add --help for what is allowed.\n',
    exitStatus: 2,
  })
  expect(describeError(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'), false).exitStatus).toBe(0)
})

it('writes sizes and durations as people read them', () => {
  const sizes = [0, 999, 1000, 523_400, 37_512_000, 999_999, 14e9].map(byteText)
  expect(sizes).toEqual(['0 B', '999 B', '1.0 kB', '523 kB', '37.5 MB', '1.0 MB', '14.0 GB'])
  expect([0, 44.2, 200, 7500].map(durationText)).toEqual(['1 s', '45 s', '3 min 20 s', '2 h 5 min'])
})
