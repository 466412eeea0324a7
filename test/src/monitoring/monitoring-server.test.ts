import { describe, expect, it, onTestFinished } from 'vitest'
import { Metrics } from '../../../src/monitoring/metrics.ts'
import { openMonitoring } from '../../../src/monitoring/monitoring-server.ts'
import { ProgramState } from '../../../src/monitoring/program-state.ts'

async function open(isConnected: () => boolean = () => true) {
  const state = new ProgramState({ version: '1.2.3', model: 'fake', platforms: [{ platform: 'one', isConnected }] })
  const server = await openMonitoring({ host: '127.0.0.1', port: 0, state, metrics: new Metrics(state) })
  onTestFinished(() => server.close())
  return { state, server, address: `http://127.0.0.1:${server.port}` }
}

async function read(address: string) {
  const response = await fetch(address)
  return { status: response.status, body: (await response.json()) as unknown }
}

describe('the monitoring port', () => {
  it('is alive from the start, and ready once the model is loaded and every platform is connected', async () => {
    let isConnected = false
    const { state, address } = await open(() => isConnected)
    expect(await read(`${address}/health`)).toEqual({ status: 200, body: { alive: true } })
    expect(await read(`${address}/ready`)).toMatchObject({ status: 503, body: { phase: 'starting' } })
    state.serving(() => ({ running: 0, waiting: 0 }))
    expect(await read(`${address}/ready`)).toEqual({
      status: 503,
      body: { phase: 'unconnected', platforms: { one: false } },
    })
    isConnected = true
    expect(await read(`${address}/ready`)).toMatchObject({ status: 200, body: { phase: 'ready' } })
    state.stopping()
    expect(await read(`${address}/ready`)).toMatchObject({ status: 503, body: { phase: 'stopping' } })
    expect(await read(`${address}/health`)).toMatchObject({ status: 200 })
  })

  it('tells its status and its numbers', async () => {
    const { state, address } = await open()
    state.serving(() => ({ running: 1, waiting: 2 }))
    expect((await read(`${address}/status`)).body).toMatchObject({
      version: '1.2.3',
      model: 'fake',
      phase: 'ready',
      questions: { running: 1, waiting: 2 },
    })
    const metrics = await fetch(`${address}/metrics`)
    expect(metrics.headers.get('content-type')).toContain('text/plain')
    expect(await metrics.text()).toContain('process_resident_memory_bytes')
  })

  it('takes nothing in and knows no other page', async () => {
    const { address } = await open()
    expect((await fetch(`${address}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405)
    expect((await fetch(`${address}/../etc/passwd`)).status).toBe(404)
  })

  it('says in one line that its port is taken', async () => {
    const { state, server } = await open()
    const second = openMonitoring({ host: '127.0.0.1', port: server.port, state, metrics: new Metrics(state) })
    await expect(second).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/EADDRINUSE.*monitoring\.port/),
    })
  })
})
