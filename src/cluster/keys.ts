// The names of everything that Valley keeps in Redis, in one place: which keys belong together, and what may be deleted.

/** Names under one prefix; two installations that share a Redis have two. */
export class ClusterKeys {
  readonly prefix: string

  constructor(prefix: string) {
    this.prefix = prefix
  }

  /** There while a bot or an engine lives. */
  alive(memberId: string): string {
    return `${this.prefix}:alive:${memberId}`
  }

  /** Hash: each engine that has joined, with what it is. */
  get engines(): string {
    return `${this.prefix}:engines`
  }

  /** There while somebody works off the queue of an engine that is gone. */
  adopted(engineId: string): string {
    return `${this.prefix}:adopted:${engineId}`
  }

  /** Hash: how many questions each engine answers now. */
  get running(): string {
    return `${this.prefix}:running`
  }

  /** Stream: what others have to tell a bot or an engine. */
  inbox(memberId: string): string {
    return `${this.prefix}:inbox:${memberId}`
  }

  /** Which engine holds what was computed for a thread. */
  home(threadId: string): string {
    return `${this.prefix}:home:${threadId}`
  }

  /** List: who wants to ask in a thread, first come first. */
  line(threadId: string): string {
    return `${this.prefix}:line:${threadId}`
  }

  /** Hash: one accepted question. */
  question(id: string): string {
    return `${this.prefix}:question:${id}`
  }

  /** Sorted set: questions of a platform that have no answer yet, by the time they were accepted. */
  openQuestions(platform: string): string {
    return `${this.prefix}:open:${platform}`
  }

  /** Who answers a question, by any name of it. */
  held(name: string): string {
    return `${this.prefix}:held:${name}`
  }

  /** There while an event counts as taken. */
  event(key: string): string {
    return `${this.prefix}:event:${key}`
  }

  /** List: what came of the work that somebody gave. */
  outcomes(giverId: string): string {
    return `${this.prefix}:outcomes:${giverId}`
  }

  /** What everything that moderation keeps of a platform begins with. */
  moderation(platform: string): string {
    return `${this.prefix}:moderation:${platform}`
  }

  /** Who does what only one at a time may do. */
  lead(work: string): string {
    return `${this.prefix}:lead:${work}`
  }

  /** What BullMQ puts before the names of its queues. */
  get queues(): string {
    return `${this.prefix}:queue`
  }
}
