// Ids that the manifest gives to Slack and Slack gives back to us.

/** The message shortcut that describes the clip of a post. */
export const DESCRIBE_CLIP = 'describe_clip'
/** The global shortcut that opens the modal. */
export const OPEN_MODAL = 'ask_about_clip'
/** The modal with a question and files. */
export const CLIP_MODAL = 'clip_modal'
