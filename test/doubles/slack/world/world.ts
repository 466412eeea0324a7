import { EventEmitter } from 'node:events'
import type { ManualClock } from '../clock.ts'
import type { SlackApp } from './app.ts'
import type { AssistantThread } from './assistant-thread.ts'
import type { Channel } from './channel.ts'
import { Identifiers } from './identifiers.ts'
import type { Message } from './message.ts'
import { findPings, type Ping, type PingingContent } from './pings.ts'
import type { StoredFile } from './stored-file.ts'
import type { Stream } from './stream.ts'
import { ALL_BOT_SCOPES, type Token } from './token.ts'
import { type OpenView, TRIGGER_LIFETIME_MS, type Trigger } from './view.ts'
import type { Workspace } from './workspace.ts'

/** Addresses that the double puts into what it sends. */
export interface Origins {
  /** Serves `/files-pri/…` and `/upload/…`. */
  readonly files: string
  /** Serves response URLs. */
  readonly hooks: string
}

/** A ping together with where it was. */
export interface RecordedPing extends Ping {
  readonly channelId: string
  readonly text: string
}

/** Everything that Slack knows: workspaces, tokens, files, views, streams, and whom the app has pinged. */
export class World {
  readonly app: SlackApp
  readonly clock: ManualClock
  readonly identifiers: Identifiers
  readonly origins: Origins
  readonly workspaces = new Map<string, Workspace>()
  readonly tokens = new Map<string, Token>()
  readonly files = new Map<string, StoredFile>()
  readonly views = new Map<string, OpenView>()
  readonly triggers = new Map<string, Trigger>()
  readonly streams: Stream[] = []
  readonly assistantThreads: AssistantThread[] = []
  readonly pings: RecordedPing[] = []
  /** Fires after anything has changed, for tests that wait. */
  readonly changes = new EventEmitter().setMaxListeners(0)

  constructor(app: SlackApp, clock: ManualClock, origins: Origins) {
    this.app = app
    this.clock = clock
    this.origins = origins
    this.identifiers = new Identifiers(clock)
    this.addToken({ value: app.appToken, kind: 'app', teamId: null, scopes: new Set(['connections:write']) })
  }

  /** Tells whoever waits that something has changed. */
  changed(): void {
    this.changes.emit('change')
  }

  addToken(token: Omit<Token, 'revoked'>): Token {
    const added = { ...token, revoked: null }
    this.tokens.set(token.value, added)
    return added
  }

  addWorkspace(name: string, scopes: readonly string[] = ALL_BOT_SCOPES, isInstalled = true): Workspace {
    const id = this.identifiers.next('T')
    const botId = this.identifiers.next('B')
    const botUserId = this.identifiers.next('U')
    const value = `xoxb-${id}-${crypto.randomUUID().replaceAll('-', '')}`
    const workspace: Workspace = {
      id,
      name,
      domain: name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
      botId,
      botToken: this.addToken({ value, kind: 'bot', teamId: id, scopes: new Set(scopes) }),
      botUser: {
        id: botUserId,
        teamId: id,
        name: this.app.name,
        isBot: true,
        standing: 'full',
        locale: 'en-US',
        timezone: 'Etc/UTC',
      },
      members: new Map(),
      channels: new Map(),
      isInstalled,
    }
    workspace.members.set(botUserId, workspace.botUser)
    this.workspaces.set(id, workspace)
    return workspace
  }

  workspaceOf(teamId: string): Workspace {
    const workspace = this.workspaces.get(teamId)
    if (workspace === undefined) throw new Error(`No workspace has the id ${teamId}; addWorkspace makes one.`)
    return workspace
  }

  channelById(id: string): Channel | undefined {
    return [...this.workspaces.values()].map(({ channels }) => channels.get(id)).find((found) => found !== undefined)
  }

  /** The message of a channel with that timestamp, unless it was deleted. */
  messageAt(channel: Channel, ts: string): Message | undefined {
    return channel.messages.find((message) => message.ts === ts && !message.isDeleted)
  }

  streamAt(channelId: string, ts: string): Stream | undefined {
    return this.streams.find((stream) => stream.channelId === channelId && stream.ts === ts)
  }

  /** The thread's assistant pane, made when it is first named. */
  assistantThread(channelId: string, threadTs: string): AssistantThread {
    const found = this.assistantThreads.find((one) => one.channelId === channelId && one.threadTs === threadTs)
    if (found !== undefined) return found
    const made: AssistantThread = { channelId, threadTs, statuses: [], titles: [], prompts: [] }
    this.assistantThreads.push(made)
    return made
  }

  /** Hands out leave to open one modal. */
  newTrigger(userId: string): string {
    const id = this.identifiers.trigger()
    this.triggers.set(id, { userId, expiresMs: this.clock.now() + TRIGGER_LIFETIME_MS, isExchanged: false })
    return id
  }

  /**
   * Notes whom a post or edit of the app would notify.
   * @param before the part of a growing text that was noted already
   */
  recordPings(teamId: string, channelId: string, content: PingingContent, before = ''): void {
    const members = [...this.workspaceOf(teamId).members.values()]
    const idOfName = (name: string) => members.find((member) => member.name === name)?.id
    const noted = findPings({ text: before, blocks: null, attachments: null, linksNames: false }, idOfName).length
    const pings = findPings(content, idOfName).slice(noted)
    this.pings.push(...pings.map((ping) => ({ ...ping, channelId, text: content.text })))
  }
}
