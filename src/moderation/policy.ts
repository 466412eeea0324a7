// A policy that was read: its rules, and a version that changes whenever what it says changes. Findings cite the version, so
// that an old one can be understood after the rules have moved on.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { checkYaml } from '../config/check-yaml.ts'
import { type Problem, problemText } from '../config/problem.ts'
import type { SchemaNode } from '../config/schema-node.ts'
import { AppError } from '../errors.ts'
import { CATEGORY_QUESTIONS } from './categories.ts'
import { type PolicyContent, policySchema, type Rule } from './policy-schema.ts'

/** Rules in words, checked. */
export interface Policy extends PolicyContent {
  /** 12 hexadecimal digits of the SHA-256 of everything in it, defaults and built-in questions included. */
  readonly version: string
}

/** A policy, or null and what is wrong with it. */
export interface ReadPolicy {
  readonly policy: Policy | null
  readonly problems: readonly Problem[]
}

const FORM = { schema: policySchema, jsonSchema: z.toJSONSchema(policySchema, { io: 'input' }) as SchemaNode }
const VERSION_DIGITS = 12

/** Checks the text of a policy; never throws. @param shownPath the path as people know it, for the problems */
export function parsePolicy(text: string, shownPath: string): ReadPolicy {
  const { value, problems } = checkYaml(text, shownPath, FORM)
  return { policy: value === null ? null : { ...value, version: versionOf(value) }, problems }
}

/**
 * Reads a policy.
 * @throws AppError POLICY_INVALID that names every problem at once, in one line
 */
export async function readPolicyFile(file: string): Promise<Policy> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    const seen = cause instanceof Error && 'code' in cause ? cause.code : cause
    const message = `The rules ${file} cannot be read (${seen}); a YAML file with rules is needed. docs/moderation.md has one to begin with.`
    throw new AppError('POLICY_INVALID', message, { cause })
  }
  const { policy, problems } = parsePolicy(text, file)
  if (policy !== null) return policy
  const count = `${problems.length} wrong ${problems.length === 1 ? 'value' : 'values'}`
  throw new AppError(
    'POLICY_INVALID',
    `The rules have ${count}. ${problems.map(problemText).join('; ')}. Correct what is named; docs/moderation.md explains each key.`,
    { details: { problems: problems.length } },
  )
}

/** The yes/no questions that a rule comes to; none when it is measured. */
export function questionsOf({ category, lookFor }: Pick<Rule, 'category' | 'lookFor'>): readonly string[] {
  if (category !== undefined) return CATEGORY_QUESTIONS[category]
  return (lookFor ?? []).map((sentence) => (/[?？]$/.test(sentence) ? sentence : `Is there ${sentence}?`))
}

function versionOf(content: PolicyContent): string {
  // The questions too: an update of Valley that asks otherwise makes another policy of the same file.
  const meaning = { ...content, questions: content.rules.map(questionsOf) }
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex').slice(0, VERSION_DIGITS)
}
