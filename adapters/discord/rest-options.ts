// How calls go to Discord: by Node's own fetch. discord.js would take undici's dispatcher for the whole process, and where
// Slack's client was loaded first, that is undici 7's, which cannot read the form that discord.js's undici 6 sends files in:
// no reply with a picture would arrive.
import type { RESTOptions, ResponseLike } from 'discord.js'

/** Options for discord.js's REST. @param given those that go first, such as an address for tests */
export function restOptions(given: Partial<RESTOptions> = {}): Partial<RESTOptions> {
  return { makeRequest: requestByFetch, ...given }
}

/** @throws Error what fetch failed of, with its code, by which discord.js knows whether to try again */
async function requestByFetch(url: string, init: object): Promise<ResponseLike> {
  try {
    return await fetch(url, init)
  } catch (error) {
    throw error instanceof TypeError && error.cause instanceof Error ? error.cause : error
  }
}
