// What `npm start` does when nothing is configured: says what to do next, and offers to talk right here.
import { createInterface } from 'node:readline'
import { parseLine } from '../../adapters/terminal/parse.ts'
import { chat } from './chat.ts'
import { withContext } from './context.ts'

const NEXT_STEPS = `No platform is connected yet, so there is nothing to start. What you can do:

  talk here      npm run -s valley -- chat clip.mp4
  Discord        put the bot's token into DISCORD_TOKEN; "npm run -s valley -- discord invite" prints the link for servers
  Slack          "npm run -s valley -- slack manifest" prints the app; its tokens go into SLACK_BOT_TOKEN (xoxb-) and
                 SLACK_APP_TOKEN (xapp-)
  settings       npm run -s valley -- config example > config/valley.yaml

README.md goes through it step by step. Then run npm start again; "npm run -s valley -- doctor" tells what is missing.
`

const OFFER = '\nTalk here now? Type the path of a clip, or press Enter to leave: '

/** Where a person may sit; a stream is a terminal when `isTTY` is true. */
export interface OfferStreams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

/** Says what to do next; whoever sits at a terminal may also talk right there. */
export async function offerConversation(): Promise<void> {
  const clip = await askForClip({ input: process.stdin, output: process.stdout })
  if (clip !== null) await withContext((context) => chat(clip, undefined, context))
}

/**
 * Says what to do next and, at a terminal only, asks for a clip to talk about.
 * @returns its path as typed, without quotation marks; null when there is none
 */
export async function askForClip({ input, output }: OfferStreams): Promise<string | null> {
  output.write(NEXT_STEPS)
  if (input.isTTY !== true || output.isTTY !== true) return null
  const lines = createInterface({ input, output })
  const line = await new Promise<string>((resolve) => {
    lines.question(OFFER, resolve)
    // Ctrl-C and Ctrl-D.
    lines.once('close', () => resolve(''))
  })
  lines.close()
  const wish = parseLine(`/clip ${line}`)
  return wish.type === 'clip' && wish.path !== '' ? wish.path : null
}
