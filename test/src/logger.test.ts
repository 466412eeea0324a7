import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import { AppError } from '../../src/errors.ts'
import { createLogger, type Logger } from '../../src/logger.ts'

const TAIL = 'q7Rs8Tu9Vw'.repeat(4)
const SECRETS = {
  'Slack bot token': `xoxb-1234567890-${TAIL}`,
  'Slack app token': `xapp-1-A012345-${TAIL}`,
  'Discord token': `MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabc_E.${TAIL}`,
  'known value without a look': `x "${TAIL}"`,
}

/** Every way in which a value can come into the log. */
const PATHS: Readonly<Record<string, (logger: Logger, secret: string) => void>> = {
  'a message': (logger, secret) => logger.info(`token is ${secret}`),
  'an argument of a message': (logger, secret) => logger.info('token is %s %j', secret, { secret }),
  'a field': (logger, secret) => logger.info({ note: secret }, 'said'),
  'the name of a field': (logger, secret) => logger.info({ [secret]: 1 }, 'said'),
  'a field deep inside': (logger, secret) => logger.info({ a: [{ b: { c: [secret] } }] }, 'said'),
  'the message of an error': (logger, secret) => logger.error(new Error(`failed with ${secret}`)),
  'an error field': (logger, secret) => logger.error({ err: new Error(`failed with ${secret}`) }, 'failed'),
  'the cause of an error': (logger, secret) => {
    const cause = new Error('inner', { cause: new Error(`innermost ${secret}`) })
    logger.error({ err: new AppError('TIMED_OUT', 'outer', { cause }) }, 'failed')
  },
  'a cause that is no error': (logger, secret) =>
    logger.error({ err: new Error('outer', { cause: { secret } }) }, 'failed'),
  'the details of an error': (logger, secret) => {
    logger.error({ err: new AppError('TIMED_OUT', 'outer', { details: { seen: secret } }) }, 'failed')
  },
  'several errors in one': (logger, secret) => logger.error(new AggregateError([new Error(secret)], 'all failed')),
  'an error under another name': (logger, secret) => logger.error({ reason: new Error(secret) }, 'failed'),
  'properties of an error': (logger, secret) => {
    const request = { url: `https://slack.com/api/?token=${secret}`, headers: { authorization: `Bearer ${secret}` } }
    logger.error(Object.assign(new Error('refused'), { request, data: { token: secret } }))
  },
  'the bindings of a child': (logger, secret) => logger.child({ team: secret }).child({ more: secret }).warn('said'),
  'a Buffer as text': (logger, secret) => logger.info({ body: Buffer.from(secret).toString() }, 'said'),
  'something with toJSON': (logger, secret) => logger.info({ body: { toJSON: () => ({ secret }) } }, 'said'),
  'a wrapped secret': (logger, secret) =>
    logger.info({ secret: new Secret(secret), list: [new Secret(secret)] }, `${new Secret(secret)}`),
}

describe.each(Object.entries(SECRETS))('a %s', (_, secret) => {
  it.each(Object.entries(PATHS))('does not get into the log by %s', (_, write) => {
    const lines: string[] = []
    const logger = createLogger('trace', { write: (line) => lines.push(line) }, [SECRETS['known value without a look']])
    write(logger, secret)
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain(TAIL)
    // Still one line of JSON.
    expect(lines[0]!.indexOf('\n')).toBe(lines[0]!.length - 1)
    expect(JSON.parse(lines[0]!)).toHaveProperty('level')
  })
})

it('the log keeps what is no secret as it is', () => {
  const lines: string[] = []
  const logger = createLogger('info', { write: (line) => lines.push(line) }, ['unrelated secret'])
  const fields = { thread: 'discord:1:2', promptTokens: 12, timingsMs: { total: 5.5 } }
  logger.info(fields, 'answered')
  logger.debug('not at this level')
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0]!)).toEqual({ level: 30, time: expect.any(Number), ...fields, msg: 'answered' })
})
