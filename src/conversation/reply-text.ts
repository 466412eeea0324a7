// Every sentence that Valley itself says to people in a conversation. None holds a path, a cause or anything secret: the
// log has those for the operator.
import type { ErrorCode } from '../errors.ts'

/** The sentence for each error. Exhaustive: a new code does not compile without its sentence. */
export const ERROR_SENTENCES: Readonly<Record<ErrorCode, string>> = {
  CONFIG_INVALID: 'I am not set up correctly. Please tell the person who runs me.',
  TOOL_MISSING: 'I cannot read clips yet: a program that I need is not installed. Please tell the person who runs me.',
  STORAGE_FAILED: 'I cannot look up or keep what was said. Please tell the person who runs me.',
  PACKAGE_MISSING: 'I have no model to look with yet. Please tell the person who runs me.',
  PACKAGE_CORRUPT: 'My model is damaged, so I will not answer with it. Please tell the person who runs me.',
  PACKAGE_UNSUPPORTED: 'My model is of a kind that I cannot run. Please tell the person who runs me.',
  CHECKPOINT_INVALID: 'My model could not be built. Please tell the person who runs me.',
  CHECKPOINT_UNSUPPORTED: 'My model is of a kind that I cannot build. Please tell the person who runs me.',
  CLIP_MISSING: 'I cannot find that clip any more. Please send it again.',
  CLIP_UNREADABLE: 'I could not read that clip; it may be cut short or damaged. Please send it again, best as MP4.',
  CLIP_NOT_VIDEO: 'That file is not a video, GIF or picture that I can look at. Please send an MP4, WebM, MOV or GIF.',
  CLIP_TOO_LARGE: 'That clip is too large a file for me. Please send a shorter or smaller one.',
  CLIP_TOO_LONG: 'That clip lasts too long for me. Please cut out the part that you mean and send that.',
  CLIP_TOO_MANY_PIXELS: 'The pictures in that clip are too large for me. Please send it at a lower resolution.',
  QUESTION_INVALID: 'I did not understand the question. Please write it in another way.',
  QUESTION_TOO_LONG: 'That question is too long for me. Please ask it in fewer words.',
  CONTEXT_OVERFLOW: 'That is more than I can look at in one go. Please ask with fewer clips or in fewer words.',
  INFERENCE_FAILED: 'Something went wrong while I was thinking. Please ask again.',
  SHAPE_MISMATCH: 'My model does not fit together, so I will not answer with it. Please tell the person who runs me.',
  PLACEHOLDER_MISMATCH: 'I could not place that clip in the conversation. Please send it again.',
  TIMED_OUT: 'That took too long, so I stopped. Please try again, or send a shorter clip.',
  ENGINE_CLOSED: 'I am shutting down. Please ask again in a moment.',
}

/** Asked when there is nothing to look at yet: the model never answers as if it had seen a clip. */
export const CLIP_WANTED = 'Please send me a clip first; then I can answer questions about it.'
/** Asked when a message holds no words and brings no clip. */
export const QUESTION_WANTED = 'What would you like to know about the clip?'
/** Said when the model's answer holds no text. */
export const NO_ANSWER = 'I have no answer to that. Please ask in another way.'
/** Said when the person stopped the answer. */
export const CANCELLED = 'Stopped.'
/** Said beside an answer that reached its longest length. */
export const CUT_SHORT = 'My answer was cut at its longest length.'

/** Said beside an answer for which older turns had to go. */
export function turnsDropped(count: number): string {
  const what = count === 1 ? 'oldest question and its answer' : `${count} oldest questions and their answers`
  return `To make room I no longer remember the ${what} of this conversation; the clip is still here.`
}

/** Said when the turns of a thread were forgotten. */
export const RESET_DONE = 'I have forgotten what we said. The clips are still here.'
/** Said when everything of a thread was removed. */
export const FORGET_DONE = 'I have removed all that I kept of this conversation.'
