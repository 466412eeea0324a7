// Discord's limits and our paces, each with where it comes from. Lengths are in UTF-16 units, of which Discord's code
// points are never more.

/** Longest text of a message. https://discord.com/developers/docs/resources/message#create-message-jsonform-params */
export const MAX_CONTENT_LENGTH = 2000

/**
 * Longest nonce. One that is enforced stands for one message of an author, whatever channel it is in.
 * https://discord.com/developers/docs/resources/message#create-message-jsonform-params
 */
export const MAX_NONCE_LENGTH = 25

/** Longest name of a thread. https://discord.com/developers/docs/resources/channel#channel-object-channel-structure */
export const MAX_THREAD_NAME_LENGTH = 100

/** Longest reason in the audit log of a server. https://discord.com/developers/docs/resources/audit-log */
export const MAX_REASON_LENGTH = 512

/** A thread of ours leaves the channel list after a day without posts; a new post brings it back. */
export const THREAD_ARCHIVE_MINUTES = 1440

/**
 * Follow-ups that an interaction takes where only the person has installed the app.
 * https://discord.com/developers/docs/interactions/receiving-and-responding#create-followup-message
 */
export const MAX_FOLLOW_UPS_WHEN_USER_INSTALLED = 5

/** Largest file that the bot may attach where nobody pays for more. https://discord.com/developers/docs/reference#uploading-files */
export const MAX_UPLOAD_BYTES = 10 * 1024 * 1024

/** Shortest time between two edits of a reply. Discord lets about 5 edits through in 5 s; the rest of them is for others. */
export const EDIT_INTERVAL_MS = 1200

/**
 * How long an interaction waits to be written down before it is acknowledged all the same; Discord takes the
 * acknowledgement for 3 s. https://discord.com/developers/docs/interactions/receiving-and-responding
 */
export const WRITE_DOWN_LIMIT_MS = 1000

/** Typing shows for 10 s. https://discord.com/developers/docs/resources/channel#trigger-typing-indicator */
export const TYPING_INTERVAL_MS = 8000

/** Waits before a last text that Discord failed to take is sent again; discord.js has tried four times before each. */
export const LAST_TRY_DELAYS_MS: readonly number[] = [1000, 4000, 15_000]

/** A link turns into an embed a moment after its post; after this it is taken to have none. */
export const UNFOLD_WAIT_MS = 3000

/** Posts looked through for the newest clip of a channel; the most that one request brings. */
export const NEWEST_CLIP_POSTS = 50

/** How long events are remembered so that a replay is not answered again; Discord keeps a session for a few minutes. */
export const EVENT_MEMORY_MS = 60 * 60 * 1000

/** Events remembered at most. */
export const EVENT_MEMORY_SIZE = 50_000

/** Channels in which posts are looked for that came while nobody listened; one request each. Our choice. */
export const MAX_MISSED_CHANNELS = 100

/** Posts that one request brings. https://discord.com/developers/docs/resources/message#get-channel-messages */
export const MISSED_PAGE_POSTS = 100

/** Requests for the missed posts of one channel. Our choice. */
export const MAX_MISSED_PAGES = 5

/** How long posts stay in the memory of discord.js; they can be fetched again. */
export const POST_MEMORY_SECONDS = 3600

/** Languages of people remembered at most. */
export const LOCALE_MEMORY_SIZE = 10_000

/** Addresses of clips remembered at most, for those whose post cannot be read again. */
export const ADDRESS_MEMORY_SIZE = 5000

/** How long an author is kept from posting whom a moderator times out; Discord takes up to 28 days. Our choice. */
export const TIME_OUT_MS = 60 * 60 * 1000

/** Between two shards that log in, where Discord lets only one log in at a time: https://discord.com/developers/docs/events/gateway#sharding-max-concurrency */
export const IDENTIFY_PAUSE_MS = 5500

/** How long a stop waits for the last edits of running replies. */
export const STOP_WAIT_MS = 5000

/**
 * Hosts that clips are downloaded from: attachments, media of embeds, and Discord's own copies of media on other sites.
 * https://discord.com/developers/docs/reference#signed-attachment-cdn-urls
 */
export const CLIP_HOSTS: readonly string[] = [
  'cdn.discordapp.com',
  'media.discordapp.net',
  'images-ext-1.discordapp.net',
  'images-ext-2.discordapp.net',
]
