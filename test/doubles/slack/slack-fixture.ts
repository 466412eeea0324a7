import type { App } from '@slack/bolt'
import { afterEach, beforeEach } from 'vitest'
import { type RunningBolt, startHttpBolt, startSocketBolt } from './bolt-apps.ts'
import { openSlackDouble, type SlackDouble, type SlackDoubleOptions } from './slack-double.ts'

/** A double for each test, and apps that end with the test. */
export interface SlackFixture {
  readonly slack: SlackDouble
  /** Starts a Bolt app over Socket Mode. */
  startApp(listen?: (app: App) => void, options?: { clientPingTimeout?: number }): Promise<App>
  /** Starts a Bolt app over HTTP; the double delivers there from then on. */
  startHttpApp(listen?: (app: App) => void): Promise<App>
}

/** Opens a double before each test of the file and closes it and its apps afterwards. */
export function useSlack(options: SlackDoubleOptions = {}): SlackFixture {
  let slack: SlackDouble
  const running: RunningBolt[] = []
  const keep = (bolt: RunningBolt): App => {
    running.push(bolt)
    return bolt.app
  }
  beforeEach(async () => {
    slack = await openSlackDouble(options)
  })
  afterEach(async () => {
    for (const { stop } of running.splice(0).reverse()) await stop()
    await slack.close()
  })
  return {
    get slack() {
      return slack
    },
    startApp: async (listen = () => {}, boltOptions = {}) => keep(await startSocketBolt(slack, listen, boltOptions)),
    startHttpApp: async (listen = () => {}) => keep(await startHttpBolt(slack, listen)),
  }
}
