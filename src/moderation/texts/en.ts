// English.
import type { ModerationTexts } from './texts.ts'

/** All texts of moderation in English. */
export const en: ModerationTexts = {
  commands: {
    watch: 'Watch a channel for clips; reports come here',
    unwatch: 'Watch a channel no longer',
    rules: 'Show the moderation rules',
    digest: 'Sum up the clips of today',
    status: 'Show what is watched and how far I am',
    audit: 'Show what moderators did about messages and channels',
    forget: 'Remove what moderation keeps of a person, a message, or this whole server',
  },
  parameters: {
    channel: 'The channel',
    user: 'Everything of this person',
    message: 'Everything of this message: its link or id',
    everything: 'True: all records of this whole server, and its audit log',
  },

  mayNot: 'Only people who look after this server may do that.',
  failed: 'That did not work. The person who runs me finds more in the log.',
  restAttached: '… the rest is in the attached file.',
  notAttached: 'I may not attach files here, so pictures and files are left out.',

  watched: 'I watch this channel from now on and report here: ',
  watchedAlready: 'This channel is watched already: ',
  unwatched: 'I watch this channel no longer: ',
  notWatched: 'This channel is not watched: ',
  watchedBySettings: 'The settings of the person who runs me name this channel, so it stays watched: ',
  channelWanted: (command) =>
    `Say what you mean: \`${command} watch #channel\`, \`${command} forget-records @person\`, a link to a message, or \`everything\`.`,
  forgetWanted:
    'Nothing was removed. Say whose records go: `user`, `message` with the link or the id of one message, or ' +
    '`everything: True` for this whole server and its audit log.',
  forgotten: (records) => (records === 1 ? '1 record is removed.' : `${records} records are removed.`),
  forgetTargets: {
    person: 'had the records of a person removed',
    message: 'had the records of a message removed',
    'person-in-message': 'had the records of a person in a message removed',
    server: 'had all records removed',
  },

  rulesTitle: (version, count) => `${count === 1 ? '1 rule' : `${count} rules`}, version ${version}`,
  thresholds: (note, alert) => `told from ${alert}, noted from ${note}`,
  statusTitle: 'Moderation',
  reportsTo: ', reports to ',
  notReadable: ', but I cannot read it, so nothing there is looked at',
  nothingWatched: 'No channel is watched.',
  backlog: (waiting, lookedAtToday, mostADay) =>
    `${waiting} ${waiting === 1 ? 'clip waits' : 'clips wait'}; ${lookedAtToday} of at most ${mostADay} looked at today.`,
  openAlerts: (count) => `${count} ${count === 1 ? 'alert waits' : 'alerts wait'} for a verdict.`,
  auditTitle: (count) => `What moderators did: ${count === 0 ? 'nothing' : count}`,
  retention: (days) => `Records are kept for ${days} days.`,

  alertTitle: (rule) => `Needs a look: ${rule}`,
  labels: {
    message: 'Message',
    author: 'Author',
    channel: 'Channel',
    score: 'Score',
    span: 'Where in the clip',
    description: 'What it shows',
    notLookedAt: 'Not looked at',
    earlier: 'The same clip was looked at before',
    rules: 'Version of the rules',
  },
  calibrated: 'a probability',
  uncalibrated: 'not calibrated, so no probability',
  flashes: (perSecond) => `${perSecond} flashes a second, measured`,
  tooLong: (fromClock) => `everything from ${fromClock} on, since the clip is longer than is looked at`,
  cutOff: (fromClock) => `everything from ${fromClock} on, since the file is cut off`,
  undecided: (span) => `${span}, since the model said neither yes nor no`,
  picture: (times) => `Frames at ${times.join(', ')}; those that the finding rests on are framed in red`,
  verbs: {
    dismiss: 'Dismiss',
    confirm: 'Confirm',
    delete: 'Delete message',
    'time-out': 'Time out author',
    thread: 'Open a thread',
    reveal: 'Show the picture',
  },
  confirmations: {
    delete: 'Delete the message for everybody?',
    'time-out': 'Keep the author from posting for a while?',
    thread: 'Open a thread about this?',
  },
  yes: 'Yes',
  no: 'No',
  outcomes: {
    done: 'Done.',
    'person-may-not': 'You do not have the permission that this needs.',
    'bot-may-not': 'I do not have the permission that this needs.',
    gone: 'The message or its author is not there any more.',
    failed: 'The platform did not do it. Please try again in a moment.',
  },
  alertClosed: 'This alert is closed.',
  pictureGone: 'The picture is not kept any more.',
  pictureShown: 'The picture is shown already, in the thread below the alert.',
  dismissedBy: 'Dismissed by ',
  confirmedBy: 'Confirmed by ',
  messageDeleted: 'The message was deleted, and what I kept of it.',
  placeGone: 'The channel is gone, and what I kept of the message.',
  recordsForgotten: 'A moderator had me remove what I kept of the message.',
  expired: 'I keep records no longer than this, so what I kept of it is gone.',
  threadName: (rule) => `Alert: ${rule}`,

  digestTitle: (every, date) =>
    ({ day: `Clips of ${date}`, week: `Clips of the week from ${date}`, now: `Clips of ${date} so far` })[every],
  digestsElsewhere: 'No reports come here. Ask for the digest where they do: ',
  digestEmpty: (title) => `${title}: none.`,
  counts: (clips, authors, channels) =>
    `${clips} ${clips === 1 ? 'clip' : 'clips'} by ${authors} ${authors === 1 ? 'person' : 'people'} in ${channels} ${
      channels === 1 ? 'channel' : 'channels'
    }`,
  seenBefore: (count) => `${count} of them ${count === 1 ? 'was' : 'were'} looked at before.`,
  digestHeads: {
    authors: 'Who posted',
    channels: 'Where',
    themes: 'What they show',
    findings: 'Findings',
    dismissed: 'Dismissed',
    unread: 'Could not be read',
    partly: 'Looked at in part',
  },
  otherClips: 'other things',
  noFindings: 'No rule was touched.',
  capped: (count, most) => `${count} not looked at: at most ${most} a day are.`,
  cappedPerson: (count, most) => `${count} not looked at: at most ${most} of one person a day are.`,
  overTheMost: 'more than are looked at in a day',
  late: (count) => `${count} ${count === 1 ? 'clip' : 'clips'} from before, looked at since the last digest:`,
  stillWaiting: (count) => `${count} still ${count === 1 ? 'waits' : 'wait'}.`,
  unread: (count, code) => `${count}: ${code}`,
  unreadReasons: {
    CLIP_MISSING: 'not there any more',
    CLIP_UNREACHABLE: 'could not be downloaded',
    CLIP_ACCESS_DENIED: 'I may not download it',
    CLIP_UNREADABLE: 'damaged or cut short',
    CLIP_NOT_VIDEO: 'no video',
    CLIP_TOO_LARGE: 'too large a file',
    CLIP_TOO_LONG: 'too long',
    CLIP_TOO_MANY_PIXELS: 'pictures too large',
    TIMED_OUT: 'takes too long to decode',
    INFERENCE_FAILED: 'looking at it failed; the log says more',
  },
  levels: { note: 'noted', alert: 'told', refused: 'could not be told', waiting: 'not told yet', untold: 'not told' },
  andOthers: (count) => `and ${count} more`,
  activity: 'Clips over time, those with an alert in orange',

  notice: (retentionDays) =>
    'Clips that are posted in watched channels are looked at by Valley, a program that the people who run this server host ' +
    'themselves. It compares them with the rules of this server and tells the moderators what may need a look; people ' +
    'decide. No clip is given to anybody else. Kept are fingerprints of a clip, scores, and a description, for ' +
    `${retentionDays} days, and a small picture of frames only while a moderator has not decided. A message that is ` +
    'deleted takes its record along; of what moderators decided about it stay the rule, the score, the day and yes or no, without ' +
    'whose it was. The moderators remove your records when you ask.',
}
