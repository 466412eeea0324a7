// Slack's own limits and ours beside them, each with where it comes from.

/** Text of one section block, characters. https://docs.slack.dev/reference/block-kit/blocks/section-block */
export const MAX_SECTION_CHARACTERS = 3000

/** Text that chat.update takes, characters. https://docs.slack.dev/reference/methods/chat.update */
export const MAX_EDITED_CHARACTERS = 4000

/** Each markdown_text, characters. https://docs.slack.dev/reference/methods/chat.appendStream */
export const MAX_MARKDOWN_CHARACTERS = 12_000

/** Blocks of one message. https://docs.slack.dev/reference/block-kit/blocks */
export const MAX_MESSAGE_BLOCKS = 50

/** Posts that a response URL takes. https://docs.slack.dev/interactivity/handling-user-interaction */
export const MAX_RESPONSES = 5

/** Blocks of text in one message that one person alone sees. Our choice: all blocks of a message together have a bound too,
 * which is not documented, some 12,000 characters. https://github.com/slackapi/bolt-js/issues/2509 */
export const MAX_ALONE_BLOCKS = 2

/** Title of a modal and its submit button, characters. https://docs.slack.dev/reference/views/modal-views */
export const MAX_MODAL_TITLE_CHARACTERS = 24

/** Name of an app, characters. https://docs.slack.dev/reference/app-manifest */
export const MAX_APP_NAME_CHARACTERS = 35

/** `private_metadata` of a view, characters. https://docs.slack.dev/reference/views/modal-views */
export const MAX_PRIVATE_METADATA_CHARACTERS = 3000

/** Prompts that the assistant pane shows. https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts */
export const MAX_SUGGESTED_PROMPTS = 4

/** Our choice: a title of a thread is one line in a narrow pane. */
export const MAX_THREAD_TITLE_CHARACTERS = 60

/**
 * Pause between two calls that show the same reply growing. One post a second is what a channel takes; edits have 50 a
 * minute for a whole workspace. https://docs.slack.dev/apis/web-api/rate-limits
 */
export const SHOW_INTERVAL_MS = 1200

/** Pause between two appends to a stream: 100 a minute for a workspace. Same source. */
export const APPEND_INTERVAL_MS = 700

/** Longest question that is shown above its answer, characters; our choice. */
export const MAX_SHOWN_QUESTION_CHARACTERS = 500

/** Posts that are looked through for the newest clip; one page of conversations.history, well above its usual page. */
export const CLIP_SEARCH_POSTS = 100

/** Posts of a thread that are looked through; the most that conversations.replies gives, which begins with the oldest. */
export const THREAD_SEARCH_POSTS = 1000

/** A modal has to be opened within 3 s of its trigger; what is looked up before that must leave time for it. */
export const LOOK_BEFORE_MODAL_MS = 1500

/**
 * How long a command or a button waits to be written down before Slack is told all the same that it arrived; Slack waits
 * 3 s. https://docs.slack.dev/interactivity/handling-user-interaction
 */
export const WRITE_DOWN_LIMIT_MS = 1000

/** Files that the modal takes; the file input itself takes up to 10. */
export const MAX_MODAL_FILES = 5

/** Longest wait for the answer to one call: a call that hangs must not hold up what comes after it in its thread. */
export const CALL_LIMIT_MS = 20_000

/** Longest wait for the socket's closing handshake and for what is still being shown, at the end. */
export const STOP_LIMIT_MS = 8000

/** Retries of an event come at once, after 1 and after 5 minutes more; twice that and more. https://docs.slack.dev/apis/events-api */
export const EVENT_MEMORY_MS = 15 * 60_000

/** That a person may read a channel is asked again after so long: people are let in and put out, and every clip of a thread
 * asks before each question. Our choice. */
export const READER_MEMORY_MS = 60_000

/** A person's locale is asked again after so long. */
export const LOCALE_MEMORY_MS = 60 * 60_000

/** Channels that are not watched, and threads where Valley was spoken to, in which posts are looked for that came while nobody
 * listened: 50 calls a minute are taken, and people's questions need some. https://docs.slack.dev/apis/web-api/rate-limits */
export const MAX_MISSED_PLACES = 20

/** Threads where Valley was spoken to last, by which workspaces are known that may have missed posts. Our choice. */
export const MAX_HEARD_PLACES = 1000

/** Posts that one request for missed ones brings; an app that is distributed outside of the Marketplace gets 15.
 * https://docs.slack.dev/reference/methods/conversations.history */
export const MISSED_PAGE_POSTS = 200

/** Requests for the missed posts of one watched channel, and for the replies of one thread in it. Our choice. */
export const MAX_WATCHED_PAGES = 25

/** Threads of one watched channel whose missed replies are read. Our choice. */
export const MAX_WATCHED_THREADS = 100

/** Replies are looked for below posts that are so much older than what was missed. Our choice. */
export const THREADS_LOOKED_BACK_MS = 7 * 24 * 60 * 60_000

/** After a gap that began less long ago they are not looked for: Slack sends what came in it again, after 1 and after 5 minutes,
 * and connects Valley anew every few hours. https://docs.slack.dev/apis/events-api */
export const SHORT_GAP_MS = 5 * 60_000

/** Requests for those older posts. Our choice. */
export const MAX_OLDER_PAGES = 5

/** Requests for the list of channels that Valley is in. Our choice. */
export const MAX_CHANNEL_PAGES = 10

/** Requests that read missed posts at once; what comes after them keeps a pace of 40 a minute, of the 50 that are taken. Our
 * choice. https://docs.slack.dev/apis/web-api/rate-limits */
export const READ_AT_ONCE = 20
/** See READ_AT_ONCE. */
export const READ_PAUSE_MS = 1500
/** So often one of them is tried while Slack fails. */
export const READ_TRIES = 3
/** So often one of them waits for as long as Slack says, a minute as a rule. */
export const READ_WAITS = 5

/** First and longest pause before Slack is connected again. */
export const RECONNECT_FIRST_MS = 500
/** See RECONNECT_FIRST_MS. */
export const RECONNECT_LONGEST_MS = 60_000
