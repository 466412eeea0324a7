// A policy as it is written: rules in words. The messages about wrong values are made from this.
import { z } from 'zod'
import { CATEGORIES } from './categories.ts'

/** Languages that findings can be told in. */
export const POLICY_LANGUAGES = ['en', 'es', 'zh'] as const

const MAX_RULES = 64
const MAX_SENTENCES = 8
/** Windows cost a look each, so a clip of many minutes is bounded here. */
const DEFAULT_LONGEST_LOOK_SECONDS = 600

const PLACE = /^[a-z]+:\S+$/
const PLACE_RULE = 'name it by platform and id, e.g. "discord:1234567890" or "slack:C0123456789"'
const place = z.string().refine((text) => PLACE.test(text), PLACE_RULE)
const places = (what: string) => z.array(place).prefault([]).describe(what)

const ONE_LINE = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u
const oneLine = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((text) => ONE_LINE.test(text) && text.trim() === text, 'write it in one line, without spaces around it')
const sentence = oneLine(300)
const share = z.number().min(0).max(1)

const calibration = z.strictObject({
  model: oneLine(200).describe('Name of the model package that it was measured with; others are not calibrated by it.'),
  slope: z.number().min(0).max(100).describe('Factor of the log-odds that the model gives.'),
  offset: z.number().min(-100).max(100).describe('Added to them.'),
  measuredWith: z
    .string()
    .regex(/^[0-9a-f]{12}$/, 'write it as "valley moderation replay" does: 12 hexadecimal digits between quotes')
    .optional()
    .describe('Stands for the questions, windows and frames of then; where those are others now, it is not used.'),
})

const ruleSchema = z
  .strictObject({
    name: oneLine(60).describe('Shown with each finding.'),
    category: z.enum(CATEGORIES).optional().describe('A built-in category to look for.'),
    lookFor: z
      .array(sentence)
      .min(1)
      .max(MAX_SENTENCES)
      .optional()
      .describe('What to look for, a list: "a person who climbs over a fence", or yes/no questions that end with "?".'),
    note: share.default(0.5).describe('From this score on a finding is noted in the digest.'),
    alert: share.default(0.8).describe('From this score on a finding is told at once.'),
    tell: places('Who is told at once besides the server’s moderation channel: channels or people.'),
    servers: places('Only in these servers or workspaces; empty means all that are watched.'),
    channels: places('Only in these channels; empty means all that are watched.'),
    exclude: z
      .strictObject({
        users: places('Never for posts of these people.'),
        roles: places('Never for posts of people with these roles.'),
        channels: places('Never for posts in these channels.'),
      })
      .prefault({})
      .describe('Where and for whom the rule does not hold.'),
    languages: z
      .array(z.enum(POLICY_LANGUAGES))
      .min(1)
      .default(['en'])
      .describe('Languages in which its findings are told, in this order.'),
    calibration: calibration
      .optional()
      .describe('Turns scores into probabilities; "valley moderation replay" prints it.'),
  })
  .superRefine((rule, context) => {
    const complain = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message })
    if ((rule.category === undefined) === (rule.lookFor === undefined)) {
      complain('lookFor', 'a rule has either a category or lookFor; write one of both')
    }
    if (rule.note > rule.alert) complain('note', `it must not be above alert, which is ${rule.alert}`)
  })

/** A policy: what is looked at of each clip, and the rules. */
export const policySchema = z.strictObject({
  look: z
    .strictObject({
      windowSeconds: z.number().min(0.25).max(60).default(1).describe('Length of the windows that a clip is cut into.'),
      framesPerWindow: z.int().min(1).max(16).default(4).describe('Frames of each window that the model sees.'),
      maxDurationSeconds: z
        .number()
        .positive()
        .max(86_400)
        .default(DEFAULT_LONGEST_LOOK_SECONDS)
        .describe('What comes later in a clip is not looked at, and said not to be.'),
    })
    .prefault({})
    .describe('How clips are looked at.'),
  rules: z
    .array(ruleSchema)
    .min(1)
    .max(MAX_RULES)
    .superRefine((rules, context) => {
      for (const [index, { name }] of rules.entries()) {
        if (rules.findIndex((other) => other.name === name) === index) continue
        context.addIssue({
          code: 'custom',
          path: [index, 'name'],
          message: 'another rule has this name; names are unique',
        })
      }
    })
    .describe('What to look for.'),
})

/** One rule with its defaults filled in. */
export type Rule = z.output<typeof ruleSchema>
/** How clips are looked at. */
export type LookSettings = z.output<typeof policySchema>['look']
/** A checked policy, without its version. */
export type PolicyContent = z.output<typeof policySchema>
