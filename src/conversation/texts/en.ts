// English.
import type { Texts } from './texts.ts'

const TELL_THE_OPERATOR = 'Please tell the person who runs me.'

/** All texts in English. */
export const en: Texts = {
  errors: {
    CONFIG_INVALID: `I am not set up correctly. ${TELL_THE_OPERATOR}`,
    POLICY_INVALID: `The moderation rules are not written as I need them. ${TELL_THE_OPERATOR}`,
    DATASET_INVALID: `The data that I was given is not written as I need it. ${TELL_THE_OPERATOR}`,
    BENCHMARK_INVALID: `The questions that I was to be measured by are not written as I need them. ${TELL_THE_OPERATOR}`,
    TOOL_MISSING: `I cannot read clips yet: a program that I need is not installed. ${TELL_THE_OPERATOR}`,
    DEVICE_UNAVAILABLE: `I cannot use the graphics card that I was told to use. ${TELL_THE_OPERATOR}`,
    STORAGE_FAILED: `I cannot look up or keep what was said. ${TELL_THE_OPERATOR}`,
    PLATFORM_REFUSED: `This platform does not let me in. ${TELL_THE_OPERATOR}`,
    PLATFORM_UNREACHABLE: 'I cannot reach this platform right now. Please try again in a moment.',
    REDIS_UNREACHABLE: 'Part of me is out of reach right now. Please ask again in a few minutes.',
    ENGINES_DIFFER: `My parts do not fit together. ${TELL_THE_OPERATOR}`,
    PACKAGE_MISSING: `I have no model to look with yet. ${TELL_THE_OPERATOR}`,
    PACKAGE_CORRUPT: `My model is damaged, so I will not answer with it. ${TELL_THE_OPERATOR}`,
    PACKAGE_UNSUPPORTED: `My model is of a kind that I cannot run. ${TELL_THE_OPERATOR}`,
    CHECKPOINT_INVALID: `My model could not be built. ${TELL_THE_OPERATOR}`,
    CHECKPOINT_UNSUPPORTED: `My model is of a kind that I cannot build. ${TELL_THE_OPERATOR}`,
    QUALITY_TOO_LOW: `My model lost too much when it was made smaller. ${TELL_THE_OPERATOR}`,
    HUB_REFUSED: `I was not allowed to fetch my model. ${TELL_THE_OPERATOR}`,
    HUB_NOT_FOUND: `The model that I was told to fetch is not there. ${TELL_THE_OPERATOR}`,
    HUB_UNREACHABLE: 'I cannot reach the place that models come from. Please try again later.',
    HUB_BUSY: 'The place that models come from asks me to wait. Please try again later.',
    DOWNLOAD_CORRUPT: `What I fetched is not what was promised, so I will not use it. ${TELL_THE_OPERATOR}`,
    DISK_FULL: `There is no room left on my disk. ${TELL_THE_OPERATOR}`,
    LICENCE_NOT_ACCEPTED: `Nobody has agreed to the licence of my model yet. ${TELL_THE_OPERATOR}`,
    GENERATOR_REFUSED: `I was not allowed to use the language model that writes or judges data. ${TELL_THE_OPERATOR}`,
    GENERATOR_UNREACHABLE: 'I cannot reach the language model that writes or judges data. Please try again later.',
    CLIP_MISSING: 'I cannot find that clip any more. Please send it again.',
    CLIP_UNREACHABLE: 'I could not download that clip. Please try again, or send it again.',
    CLIP_ACCESS_DENIED: `I am not allowed to download that clip: a permission is missing. ${TELL_THE_OPERATOR}`,
    CLIP_UNREADABLE: 'I could not read that clip; it may be cut short or damaged. Please send it again, best as MP4.',
    CLIP_NOT_VIDEO:
      'That file is not a video, GIF or picture that I can look at. Please send an MP4, WebM, MOV or GIF.',
    CLIP_TOO_LARGE: 'That clip is too large a file for me. Please send a shorter or smaller one.',
    CLIP_TOO_LONG: 'That clip lasts too long for me. Please cut out the part that you mean and send that.',
    CLIP_TOO_MANY_PIXELS: 'The pictures in that clip are too large for me. Please send it at a lower resolution.',
    QUESTION_INVALID: 'I did not understand the question. Please write it in another way.',
    QUESTION_TOO_LONG: 'That question is too long for me. Please ask it in fewer words.',
    CONTEXT_OVERFLOW: 'That is more than I can look at in one go. Please ask with fewer clips or in fewer words.',
    INFERENCE_FAILED: 'Something went wrong while I was thinking. Please ask again.',
    DEVICE_LOST: 'My graphics card gave up while I was thinking. Please ask again.',
    SHAPE_MISMATCH: `My model does not fit together, so I will not answer with it. ${TELL_THE_OPERATOR}`,
    PLACEHOLDER_MISMATCH: 'I could not place that clip in the conversation. Please send it again.',
    TIMED_OUT: 'That took too long, so I stopped. Please try again, or send a shorter clip.',
    QUEUE_FULL: 'Too many questions are waiting right now. Please ask again in a few minutes.',
    RATE_LIMITED: 'That was too many questions in a short time. Please ask again in a few minutes.',
    ENGINE_CLOSED: 'I am shutting down. Please ask again in a moment.',
    ENGINE_UNREACHABLE: 'Nobody is there right now to think about that. Please ask again in a few minutes.',
  },
  rateLimited: (who, waitSeconds) => {
    const seen = who === 'user' ? 'You have asked' : 'This community has asked'
    return `${seen} many questions in a short time. Please ask again in ${duration(waitSeconds)}.`
  },
  aboutClip: (clipNumber, sentence) => `Clip ${clipNumber}: ${sentence}`,

  clipWanted: 'Please send me a clip first; then I can answer questions about it.',
  questionWanted: 'What would you like to know about the clip?',
  noSuchClip: (clipCount) =>
    clipCount === 1
      ? 'There is only one clip in this conversation. Which one do you mean?'
      : `There are only ${clipCount} clips in this conversation. Which one do you mean?`,
  nothingToRepeat: 'There is no question here to come back to. Please ask one.',
  noAnswer: 'I have no answer to that. Please ask in another way.',
  cancelled: 'Stopped.',
  cutShort: 'My answer was cut at its longest length.',
  turnsDropped: (count) => {
    const what = count === 1 ? 'oldest question and its answer' : `${count} oldest questions and their answers`
    return `To make room I no longer remember the ${what} of this conversation; the clip is still here.`
  },
  clipsDropped: (count) =>
    count === 1
      ? 'An earlier clip of this conversation can no longer be had, so I answered without it.'
      : `${count} earlier clips of this conversation can no longer be had, so I answered without them.`,
  resetDone: 'I have forgotten what we said. The clips are still here.',
  forgetDone: 'I have removed all that I kept of this conversation.',

  waiting: (ahead) => (ahead === 1 ? 'Waiting; 1 question comes first' : `Waiting; ${ahead} questions come first`),
  stages: {
    downloading: 'Downloading the clip',
    probing: 'Opening the clip',
    decoding: 'Decoding frames',
    looking: 'Looking at frames',
    reading: 'Reading the question',
    answering: 'Answering',
  },
  storyboard: (times) => `The frames that I looked at: ${times.join(', ')}`,

  actions: { 'more-detail': 'More detail', 'try-again': 'Try again', stop: 'Stop', forget: 'Forget' },
  commands: {
    ask: 'Ask a question about a clip',
    describe: 'Describe a clip',
    reset: 'Forget what was said here; the clips stay',
    forget: 'Remove all that I keep of this conversation',
    help: 'What I can do',
  },
  parameters: { clip: 'The clip: a video, a GIF or a picture', question: 'What you want to know' },
  describeClip: 'Describe clip',
  helpIntroduction:
    'Show me a clip and ask about it; go on asking in the thread. I look at frames of it and do not hear its sound.',
  notWelcome: 'I am not set up to answer you here. The person who runs me decides that.',
  notYours: 'That belongs to another person. Please ask me yourself.',
  greeting: 'Hello! Send me a clip and ask me about it.',
  suggestions: ['Describe this clip.', 'What happens in this clip?', 'How many things are in this clip?'],
}

function duration(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? '1 second' : `${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  return minutes === 1 ? '1 minute' : `${minutes} minutes`
}
