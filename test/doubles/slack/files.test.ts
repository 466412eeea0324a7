import { expect, it } from 'vitest'
import { useSlack } from './slack-fixture.ts'

const fixture = useSlack()
const CLIP = Buffer.from('a clip of some bytes')

/** A clip that ann has posted, with what a download of it takes. */
function postedClip(declaredSize?: number) {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const size = declaredSize === undefined ? {} : { declaredSize }
  const post = ann.posts(general, 'look', { files: [{ name: 'cat 1.mp4', bytes: CLIP, ...size }] })
  const file = post.files[0]!
  const payload = slack.deliveries[0]!.payload.event as { files: { url_private_download: string; size: number }[] }
  const described = payload.files[0]!
  const download = (token: string | null = slack.team.botToken) =>
    fetch(described.url_private_download, {
      redirect: 'manual',
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    })
  return { slack, general, file, described, download }
}

it('gives a clip to a token that may read it', async () => {
  const { slack, described, download } = postedClip()

  const response = await download()

  expect(response.headers.get('content-type')).toBe('video/mp4')
  expect(Buffer.from(await response.arrayBuffer())).toEqual(CLIP)
  expect(described.size).toBe(CLIP.length)
  expect(slack.downloads).toMatchObject([{ bearer: slack.team.botToken }])
})

it('answers with the sign-in page and HTTP 200 when files:read is missing', async () => {
  const { slack, download } = postedClip()
  slack.team.scopes.delete('files:read')

  const response = await download()

  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(await response.text()).toMatch(/^<!DOCTYPE html>/)
})

it('answers with the sign-in page to the token of another workspace and to a bot outside the channel', async () => {
  const { slack, general, download } = postedClip()
  const other = slack.addTeam('Other')

  expect((await download(other.botToken)).headers.get('content-type')).toContain('text/html')
  slack.team.removesBotFrom(general)
  expect((await download()).headers.get('content-type')).toContain('text/html')
})

it('leads a request without a good token to the sign-in page', async () => {
  const { download } = postedClip()

  for (const token of [null, 'xoxb-wrong']) {
    const response = await download(token)
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toMatch(/^https:\/\/acme\.slack\.com\/\?redir=%2Ffiles-pri/)
  }
})

it('plays planned downloads in order: elsewhere, failed, cut, stalled, endless, then as it is', async () => {
  const { slack, file, download } = postedClip()
  slack.planDownloads(
    file,
    { kind: 'redirect', location: 'http://169.254.169.254/', status: 302 },
    { kind: 'status', status: 503 },
    { kind: 'login-page' },
    { kind: 'cut', afterBytes: 5 },
    { kind: 'stall', afterBytes: 5 },
    { kind: 'endless' },
  )

  expect((await download()).headers.get('location')).toBe('http://169.254.169.254/')
  expect((await download()).status).toBe(503)
  expect((await download()).headers.get('content-type')).toContain('text/html')
  await expect((await download()).arrayBuffer()).rejects.toThrow()
  const stalled = (await download()).body!.getReader()
  expect(Buffer.from((await stalled.read()).value!)).toEqual(CLIP.subarray(0, 5))
  await stalled.cancel()
  const endless = (await download()).body!.getReader()
  let bytes = 0
  while (bytes < 1_000_000) bytes += (await endless.read()).value!.length
  await endless.cancel()
  expect(Buffer.from(await (await download()).arrayBuffer())).toEqual(CLIP)
})

it('lies about the length in the header or in the description', async () => {
  const { slack, file, described, download } = postedClip(3)
  slack.planDownloads(
    file,
    { kind: 'length', contentLength: CLIP.length + 10 },
    { kind: 'length', contentLength: 4 },
    { kind: 'length', contentLength: null },
  )

  expect(described.size).toBe(3)
  const more = await download()
  expect(more.headers.get('content-length')).toBe(String(CLIP.length + 10))
  await expect(more.arrayBuffer()).rejects.toThrow()
  expect((await download()).headers.get('content-length')).toBe('4')
  const unsaid = await download()
  expect(unsaid.headers.get('content-length')).toBeNull()
  expect(Buffer.from(await unsaid.arrayBuffer())).toEqual(CLIP)
})

it('takes an upload in its three steps, posts it and gives it back', async () => {
  const { slack } = fixture
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()

  await client.filesUploadV2({
    channel_id: general.id,
    filename: 'storyboard.png',
    title: 'What I looked at',
    file: Buffer.from([137, 80, 78, 71]),
    initial_comment: 'Eight frames',
  })

  const [message] = slack.repliesIn(general)
  expect(message).toMatchObject({
    text: 'Eight frames',
    files: [{ name: 'storyboard.png', title: 'What I looked at' }],
  })
  const { file } = await client.files.info({ file: message!.files[0]!.id })
  const response = await fetch(file!.url_private!, { headers: { authorization: `Bearer ${slack.team.botToken}` } })
  expect(response.headers.get('content-type')).toBe('image/png')
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([137, 80, 78, 71])
})

it('lets the app delete what it uploaded, and nothing else', async () => {
  const { slack } = fixture
  const ann = slack.team.addUser('ann')
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()
  await client.filesUploadV2({ channel_id: general.id, filename: 'a.png', file: Buffer.from([1]) })
  const own = slack.repliesIn(general)[0]!.files[0]!
  const anns = ann.posts(general, '', { files: [{ name: 'b.png', bytes: Buffer.from([2]) }] }).files[0]!

  await client.files.delete({ file: own.id })
  expect([own.isDeleted, anns.isDeleted]).toEqual([true, false])
  await expect(client.files.delete({ file: own.id })).rejects.toMatchObject({ data: { error: 'file_deleted' } })
  await expect(client.files.delete({ file: anns.id })).rejects.toMatchObject({ data: { error: 'cant_delete_file' } })
})

it('refuses an upload of another length than announced and completing it without bytes', async () => {
  const { slack } = fixture
  const general = slack.team.addChannel('general')
  const { client } = await fixture.startApp()

  const { upload_url, file_id } = await client.files.getUploadURLExternal({ filename: 'a.txt', length: 3 })
  expect((await fetch(upload_url!, { method: 'POST', body: 'four' })).status).toBe(400)
  const complete = client.files.completeUploadExternal({ channel_id: general.id, files: [{ id: file_id! }] })
  await expect(complete).rejects.toMatchObject({ data: { error: 'file_not_found' } })
})
