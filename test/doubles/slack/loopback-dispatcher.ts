import { connect } from 'node:net'
import { Agent } from 'undici'

/** Hosts of Slack that the double stands for when clients use the real addresses. */
const SLACK_HOST = /(^|\.)slack\.com$/

/** A dispatcher for undici that leads Slack's real hosts to the double. */
export interface LoopbackDispatcher {
  readonly agent: Agent
  /** Every other host that a connection was tried to; each was refused. */
  readonly strayConnections: string[]
}

/**
 * Makes `https://slack.com`, `https://files.slack.com` and the like reach the double over plain loopback TCP, so that
 * code with a list of allowed hosts runs unchanged. Connections to any other host are refused and noted.
 */
export function createLoopbackDispatcher(port: number): LoopbackDispatcher {
  const strayConnections: string[] = []
  const agent = new Agent({
    connect: ({ hostname, port: wanted }, callback) => {
      const isDouble = hostname === '127.0.0.1' && Number(wanted) === port
      if (!isDouble && !SLACK_HOST.test(hostname)) {
        strayConnections.push(hostname)
        callback(new Error(`Refused to connect to ${hostname}; only Slack's hosts lead to the double.`), null)
        return
      }
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('connect', () => callback(null, socket))
      socket.once('error', (error) => callback(error, null))
    },
  })
  return { agent, strayConnections }
}
