// What people write, what the model says, what files are called and what opens Slack never reaches the log.
import { expect, it } from 'vitest'
import { en } from '../../../src/conversation/texts/en.ts'
import { AppError } from '../../../src/errors.ts'
import { apiError, connectionCut, httpError } from '../../doubles/slack/web-api/faults.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'
import { finished, useValley } from './slack-talk.ts'

const fixture = useValley()
/** Stands in everything that is anybody's business but the log's. */
const HUSH = 'hush'
const FILE = { name: `${HUSH}.mp4`, bytes: Buffer.from(HUSH) }

it('logs one line an answer, and no word and no token on whichever way a question comes', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser(`ann-${HUSH}`)
  const general = slack.team.addChannel('general')
  const answerer = new FakeAnswerer(() => ({ say: `The ${HUSH} answer.` }))
  const { log } = await fixture.start({ answerer })
  const answers = (count: number) =>
    slack.waitUntil(
      `${count} answers`,
      () => log.filter((line) => line.includes('"msg":"answered"')).length === count,
      { describe: () => log.join('') },
    )

  const post = ann.posts(general, `@valley ${HUSH}?`, { files: [FILE] })
  await answers(1)
  const reply = await finished(slack, general, /hush answer/)
  ann.presses(reply, 'valley_more_detail')
  await answers(2)
  ann.presses(reply, 'valley_try_again')
  await answers(3)
  ann.presses(reply, 'valley_feedback', 'good')
  await slack.waitUntil('the opinion', () => log.some((line) => line.includes('"feedback":"good"')))
  ann.runs('/valley', `what is ${HUSH}?`, general)
  await answers(4)
  ann.usesShortcut('describe_clip', post)
  await answers(5)
  ann.usesGlobalShortcut('ask_about_clip')
  ann.submits(await slack.waitUntil('the modal', () => ann.openModal), { clips: [FILE], question: HUSH })
  await answers(6)
  const root = ann.opensAssistant()
  ann.posts(ann.directMessage, HUSH, { thread: root, files: [FILE] })
  await answers(7)
  ann.posts(general, 'forget', { thread: post })
  await finished(slack, general, new RegExp(en.forgetDone))

  expectSilence(log)
  expect(answerer.questions).toHaveLength(7)
})

it('logs no word and no token when things go wrong either', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser(`ann-${HUSH}`)
  const general = slack.team.addChannel('general')
  const secret = slack.team.addChannel('secret', { isPrivate: true, members: [ann] })
  const answerer = new FakeAnswerer((question) =>
    questionText(question).includes('fail') ? { fail: new AppError('CLIP_UNREADABLE', 'no moov') } : { say: HUSH },
  )
  const { log } = await fixture.start({ answerer })
  const logged = (words: string) => slack.waitUntil(words, () => log.some((line) => line.includes(words)))

  ann.posts(general, `@valley fail ${HUSH}`, { files: [FILE] })
  await logged('CLIP_UNREADABLE')
  slack.plan('chat.startStream', httpError(500))
  slack.plan('files.completeUploadExternal', connectionCut())
  ann.posts(general, `@valley ${HUSH} edits`, { files: [FILE] })
  await logged('the answer is shown by edits')
  slack.plan('chat.postMessage', apiError('msg_too_long'), { times: 9 })
  ann.posts(ann.directMessage, HUSH, { files: [FILE] })
  await logged('reply not shown to its end')
  slack.plan('views.open', apiError('expired_trigger_id'))
  ann.runs('/valley', '', general)
  await logged('modal not opened')
  slack.plan('conversations.info', apiError('fatal_error'))
  const { domain } = slack.team.workspace
  const hidden = ann.posts(secret, HUSH, { files: [FILE] }).ts.replace('.', '')
  ann.posts(general, `@valley ${HUSH} https://${domain}.slack.com/archives/${secret.id}/p${hidden}`)
  await logged('linked post not read')
  slack.team.revokesTokens()
  ann.posts(general, `@valley ${HUSH} revoked`, { files: [FILE] })
  await logged('token_revoked')

  expectSilence(log)
})

function expectSilence(log: readonly string[]): void {
  for (const line of log) {
    expect(line).toMatch(/^\{.*\}\n$/)
    expect(line).not.toMatch(/hush|xox[a-z]-|xapp-|Bearer/)
  }
}
