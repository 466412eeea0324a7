// Real Bolt apps that talk to a double, for the double's own tests.
import { App, HTTPReceiver, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt'
import type { SlackDouble } from './slack-double.ts'

/** A Bolt app with the way to stop it. */
export interface RunningBolt {
  readonly app: App
  stop(): Promise<void>
}

/** Lets failed calls fail at once instead of over half an hour. */
const QUICK_RETRIES = { retries: 2, minTimeout: 1, maxTimeout: 10 }

/** Many tests provoke errors; what Bolt says of them would only hide a real fault in the output. */
export const SILENT: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
}

/** The client options that lead to the double. */
export function clientOptionsFor(slack: SlackDouble) {
  return { slackApiUrl: slack.apiUrl, retryConfig: QUICK_RETRIES }
}

/** Starts an app over Socket Mode and waits for its connection. */
export async function startSocketBolt(
  slack: SlackDouble,
  listen: (app: App) => void,
  { clientPingTimeout = 5000 } = {},
): Promise<RunningBolt> {
  const clientOptions = clientOptionsFor(slack)
  const receiver = new SocketModeReceiver({
    appToken: slack.app.appToken,
    logger: SILENT,
    clientPingTimeout,
    installerOptions: { clientOptions },
  })
  const app = new App({ token: slack.team.botToken, receiver, clientOptions, logger: SILENT })
  listen(app)
  const before = slack.connections.length
  await app.start()
  await slack.waitForConnections(before + 1)
  const stop = async () => {
    await app.stop()
    // Bolt does not wait for its closing handshake.
    await slack.waitForConnections(before)
  }
  return { app, stop }
}

/** Starts an app over HTTP on a free port and makes the double deliver there. */
export async function startHttpBolt(slack: SlackDouble, listen: (app: App) => void): Promise<RunningBolt> {
  const receiver = new HTTPReceiver({ signingSecret: slack.app.signingSecret, logger: SILENT })
  const clientOptions = clientOptionsFor(slack)
  const app = new App({ token: slack.team.botToken, receiver, clientOptions, logger: SILENT })
  listen(app)
  const server = await receiver.start({ host: '127.0.0.1', port: 0 } as never)
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The receiver listens on no port.')
  slack.deliverOverHttp(`http://127.0.0.1:${address.port}/slack/events`)
  return { app, stop: async () => void (await receiver.stop()) }
}
