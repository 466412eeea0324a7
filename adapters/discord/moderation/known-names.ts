// What people and channels are called in a file, where Discord puts no names in place of their ids.
import type { Client } from 'discord.js'
import { PLATFORM } from '../places.ts'

/**
 * Names that the client remembers; nobody is asked for others.
 * @returns from a whole id e.g. `Ana (ana.01)` for a person, whose user name is theirs alone, and `#general` for a channel; the id
 *   where it is not known
 */
export function namesKnownTo({ users, channels }: Pick<Client, 'users' | 'channels'>): (id: string) => string {
  return (id) => {
    const own = id.slice(PLATFORM.length + 1)
    const user = users.cache.get(own)
    if (user !== undefined) return `${user.displayName} (${user.username})`
    const channel = channels.cache.get(own)
    return channel === undefined || channel.isDMBased() ? id : `#${channel.name}`
  }
}
