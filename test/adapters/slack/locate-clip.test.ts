// Where a clip of Slack can be had, and who is shown the token for it.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { SlackAdapter } from '../../../adapters/slack/adapter.ts'
import type { IncomingClip } from '../../../src/conversation/clip.ts'
import { downloadClip } from '../../../src/video/download-clip.ts'
import type { SlackDouble } from '../../doubles/slack/slack-double.ts'
import { apiError, connectionCut } from '../../doubles/slack/web-api/faults.ts'
import type { FileToShare, StoredFile } from '../../doubles/slack/world/stored-file.ts'
import { CAT, openDouble, settingsFor, useValley } from './slack-talk.ts'

const fixture = useValley()
const SIGNAL = new AbortController().signal

function share(slack: SlackDouble, file: FileToShare = CAT): { stored: StoredFile; clip: IncomingClip } {
  const ann = slack.team.addUser('ann')
  const stored = ann.posts(slack.team.addChannel('general'), 'look', { files: [file] }).files[0]!
  return { stored, clip: { platform: 'slack', handle: `${slack.team.id}/${stored.id}` } }
}

function locate(slack: SlackDouble, clip: IncomingClip, fileHosts?: readonly string[]) {
  const settings = settingsFor(slack, [])
  return new SlackAdapter({ ...settings, ...(fileHosts === undefined ? {} : { fileHosts }) }).locateClip(clip, SIGNAL)
}

it('gives the address with the bearer token and the hosts that may have it', async () => {
  const { slack } = fixture
  const { stored, clip } = share(slack)

  const location = await locate(slack, clip)

  expect(location).toEqual({
    kind: 'address',
    url: expect.stringContaining(`${slack.origin}/files-pri/${slack.team.id}-${stored.id}/`),
    headers: { authorization: `Bearer ${slack.team.botToken}` },
    allowedHosts: [new URL(slack.origin).host],
  })
})

it('gives an address from which the clip comes', async () => {
  const { slack } = fixture
  const { clip } = share(slack)
  const location = await locate(slack, clip)
  if (location.kind !== 'address') throw new Error('no address')

  const downloaded = await downloadClip(location, { trustedHosts: location.allowedHosts })
  const bytes = await readFile(downloaded.path)
  await downloaded.remove()

  expect(bytes).toEqual(CAT.bytes)
  expect(slack.downloads.every(({ bearer }) => bearer === slack.team.botToken)).toBe(true)
})

it('asks for the file of a channel shared with another organisation, of which events tell the id only', async () => {
  const { slack } = fixture
  const { clip } = share(slack, { ...CAT, access: 'check_file_info' })

  expect(await locate(slack, clip)).toMatchObject({ kind: 'address' })
})

it("shows the token to none but Slack's own hosts", async () => {
  const { slack } = fixture
  const { clip } = share(slack)

  await expect(locate(slack, clip, ['*.slack.com'])).rejects.toMatchObject({ code: 'CLIP_ACCESS_DENIED' })
  expect(slack.downloads).toEqual([])
})

it("finds files on Slack's real hosts", async () => {
  const slack = await openDouble({ usesRealHosts: true })
  try {
    const { clip } = share(slack)
    const settings = settingsFor(slack, [])
    const { fileHosts: _local, ...real } = { ...settings, fetch: slack.fetch }
    const location = await new SlackAdapter(real).locateClip(clip, SIGNAL)
    expect(location).toMatchObject({
      url: expect.stringMatching(/^https:\/\/files\.slack\.com\//),
      allowedHosts: ['*.slack.com', '*.slack-gov.com'],
    })
    expect(slack.strayConnections).toEqual([])
  } finally {
    await slack.close()
  }
})

it('does not follow where a file leads with the token', async () => {
  const { slack } = fixture
  const { stored, clip } = share(slack)
  const seen: (string | undefined)[] = []
  const elsewhere = createServer((request, response) => {
    seen.push(request.headers.authorization)
    response.end('a clip')
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  const { port } = elsewhere.address() as AddressInfo
  slack.planDownloads(stored, { kind: 'redirect', location: `http://127.0.0.1:${port}/`, status: 302 })

  await expect(locate(slack, clip)).rejects.toMatchObject({ code: 'CLIP_ACCESS_DENIED' })
  elsewhere.close()

  expect(slack.downloads).toHaveLength(1)
  expect(seen).toEqual([])
})

it('names the scope when Slack serves its sign-in page in place of the file', async () => {
  const { slack } = fixture
  const { stored, clip } = share(slack)
  slack.planDownloads(stored, { kind: 'login-page' })

  const located = locate(slack, clip)
  await expect(located).rejects.toMatchObject({ code: 'CLIP_ACCESS_DENIED', details: { scope: 'files:read' } })
  await expect(located).rejects.toThrow(/sign-in page.*files:read.*install Valley again/)
})

it('names the scope when Slack refuses to tell of the file', async () => {
  const { slack } = fixture
  const { clip } = share(slack)
  slack.team.scopes.delete('files:read')

  await expect(locate(slack, clip)).rejects.toMatchObject({
    code: 'CLIP_ACCESS_DENIED',
    details: { scope: 'files:read' },
  })
})

it('tells a deleted file from one that it may not see', async () => {
  const { slack } = fixture
  const { stored, clip } = share(slack)
  for (const id of stored.sharedIn) slack.world.channelById(id)?.members.delete(slack.team.botUserId)
  await expect(locate(slack, clip)).rejects.toMatchObject({ code: 'CLIP_ACCESS_DENIED' })

  stored.isDeleted = true
  await expect(locate(slack, clip)).rejects.toMatchObject({ code: 'CLIP_MISSING' })
  slack.plan('files.info', apiError('token_revoked'))
  await expect(locate(slack, clip)).rejects.toThrow(/installed again/)
})

it('says that the clip cannot be reached when Slack does not answer', async () => {
  const { slack } = fixture
  const { stored, clip } = share(slack)
  slack.planDownloads(stored, { kind: 'status', status: 503 })
  await expect(locate(slack, clip)).rejects.toMatchObject({ code: 'CLIP_UNREACHABLE', retryable: true })
  slack.plan('files.info', connectionCut(), { times: 9 })
  await expect(locate(slack, clip)).rejects.toMatchObject({ code: 'CLIP_UNREACHABLE', retryable: true })
})

it('knows no clip of another workspace or with a strange handle', async () => {
  const { slack } = fixture
  share(slack)
  for (const handle of ['T0OTHER/F1', '../F1', '', 'T1/F1/x']) {
    await expect(locate(slack, { platform: 'slack', handle })).rejects.toMatchObject({ code: 'CLIP_MISSING' })
  }
})

it('stops when it is told to', async () => {
  const { slack } = fixture
  const { clip } = share(slack)
  const stopped = AbortSignal.abort(new Error('told to'))
  await expect(new SlackAdapter(settingsFor(slack, [])).locateClip(clip, stopped)).rejects.toThrow('told to')
})
