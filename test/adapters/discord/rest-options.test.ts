// Slack's client first: its undici is then the one whose dispatcher the process has.
import '@slack/bolt'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { REST, Routes } from 'discord.js'
import { expect, it, onTestFinished } from 'vitest'
import { restOptions } from '../../../adapters/discord/rest-options.ts'

/** A server on a free port of loopback. @returns its address */
async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('a file reaches Discord where Slack was started before', async () => {
  const received: string[] = []
  const server = createServer(async (request, response) => {
    received.push(await text(request))
    response.setHeader('content-type', 'application/json').end('{"id":"2"}')
  })
  const api = await listening(server)
  const rest = new REST(restOptions({ api, retries: 0 })).setToken('a-token')
  const body = { content: 'With a picture' }
  const files = [{ name: 'storyboard.png', data: Buffer.from('the picture') }]
  expect(await rest.patch(Routes.channelMessage('1', '2'), { body, files })).toEqual({ id: '2' })
  expect(received).toHaveLength(1)
  expect(received[0]).toContain('filename="storyboard.png"')
  expect(received[0]).toContain('the picture')
  expect(received[0]).toContain('With a picture')
})

it('what hinders a call is told with its code, by which it is tried again', async () => {
  const server = createServer()
  const api = await listening(server)
  server.close()
  const rest = new REST(restOptions({ api, retries: 0 })).setToken('a-token')
  await expect(rest.get(Routes.user())).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
