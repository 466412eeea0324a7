// `npm start`: everything that is missing, ffmpeg too, then Valley as the settings say, in this same process, so that
// signals and the exit status are its own.
import { pathToFileURL } from 'node:url'
import { BUILT_MAIN } from './build.mjs'
import { projectPath } from './paths.mjs'
import { prepareOrExit } from './prepare.mjs'

await prepareOrExit({ ffmpeg: true })
await import(pathToFileURL(projectPath(BUILT_MAIN)).href)
