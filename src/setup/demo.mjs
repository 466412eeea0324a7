// `npm run demo`: everything that is missing, ffmpeg too, then a conversation about the bundled clips.
import { prepareOrExit } from './prepare.mjs'

await prepareOrExit({ ffmpeg: true })
process.argv.splice(2, 0, 'demo')
await import('./valley.mjs')
