// Whether Discord's events come in.
import { type Client, Status } from 'discord.js'

/**
 * True while every shard's events come in. discord.js calls its whole connection ready from the first time on, whatever
 * becomes of it, so each shard is asked; it notices a line that has gone dead when a heartbeat is not answered.
 */
export function hearsAll({ ws }: Client): boolean {
  return ws.status === Status.Ready && ws.shards.every(({ status }) => status === Status.Ready)
}
