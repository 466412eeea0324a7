// Opens a double, lets an app and a stalled download hang on it, closes it. Run by closing.test.ts as a process of its
// own, which ends by itself only when nothing of the double is left.
import { startSocketBolt } from './bolt-apps.ts'
import { openSlackDouble } from './slack-double.ts'

const slack = await openSlackDouble()
const ann = slack.team.addUser('ann')
const bolt = await startSocketBolt(slack, () => {})
const post = ann.posts(ann.directMessage, 'look', { files: [{ name: 'a.mp4', bytes: Buffer.from('clip') }] })
slack.planDownloads(post.files[0]!, { kind: 'stall', afterBytes: 1 })
await slack.deliveries[0]!.settled
const stalled = await fetch(`${slack.origin}/files-pri/${slack.team.id}-${post.files[0]!.id}/a.mp4`)
const held = slack.hold('auth.test')
const unanswered = fetch(`${slack.apiUrl}auth.test`, { method: 'POST' })
await held.reached
await bolt.stop()
await slack.close()
await Promise.allSettled([stalled.arrayBuffer(), unanswered])
console.log('closed')
