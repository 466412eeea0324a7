import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CATEGORIES, CATEGORY_QUESTIONS, MEASURED_CATEGORY } from '../../../src/moderation/categories.ts'
import { parsePolicy, questionsOf, readPolicyFile } from '../../../src/moderation/policy.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

function problemsOf(text: string): string[] {
  const { policy, problems } = parsePolicy(text, 'rules.yaml')
  expect(policy).toBeNull()
  return problems.map(({ place, key, text: said }) => `${place} ${key}: ${said}`)
}

const SMALLEST = 'rules:\n  - name: weapons\n    category: weapons\n'

describe('a policy', () => {
  it('needs no more than a name and something to look for', () => {
    const { policy, problems } = parsePolicy(SMALLEST, 'rules.yaml')
    expect(problems).toEqual([])
    expect(policy?.look).toEqual({ windowSeconds: 1, framesPerWindow: 4, maxDurationSeconds: 600 })
    expect(policy?.rules).toEqual([
      {
        name: 'weapons',
        category: 'weapons',
        note: 0.5,
        alert: 0.8,
        tell: [],
        servers: [],
        channels: [],
        exclude: { users: [], roles: [], channels: [] },
        languages: ['en'],
      },
    ])
  })

  it('turns sentences into yes/no questions and leaves questions as they are', () => {
    const { policy } = parsePolicy(
      'rules:\n  - name: fences\n    lookFor:\n      - a person who climbs over a fence\n      - Does somebody cut a wire?\n',
      'rules.yaml',
    )
    expect(questionsOf(policy!.rules[0]!)).toEqual([
      'Is there a person who climbs over a fence?',
      'Does somebody cut a wire?',
    ])
  })

  it('has questions for every category but the one that is measured', () => {
    const silent = CATEGORIES.filter((category) => CATEGORY_QUESTIONS[category].length === 0)
    expect(silent).toEqual([MEASURED_CATEGORY])
    for (const question of Object.values(CATEGORY_QUESTIONS).flat()) expect(question).toMatch(/^[A-Z][^?]*\?$/)
  })

  it('has a version that follows its meaning, not its spelling', () => {
    const version = (text: string) => parsePolicy(text, 'rules.yaml').policy?.version
    expect(version(SMALLEST)).toMatch(/^[0-9a-f]{12}$/)
    expect(version(`# a remark\n${SMALLEST}    note: 0.5\n`)).toBe(version(SMALLEST))
    expect(version(`${SMALLEST}    note: 0.4\n`)).not.toBe(version(SMALLEST))
  })

  it('tells everything that is wrong at once, each with its line and what to do', () => {
    const text = [
      'rules:',
      '  - name: a',
      '    categry: weapons',
      '  - name: b',
      '    category: guns',
      '  - name: c',
      '    category: gore',
      '    note: 0.9',
      '    alert: 0.6',
      '  - name: d',
      '    category: gore',
      '    tell: [moderators]',
      '',
    ].join('\n')
    expect(problemsOf(text)).toEqual([
      // Misspelt, the category is not there.
      expect.stringMatching(/^rules\.yaml:2:5 rules\.0\.lookFor: it is missing; /),
      'rules.yaml:3:14 rules.0.categry: there is no such key; did you mean rules.0.category?',
      expect.stringMatching(
        /^rules\.yaml:5:15 rules\.1\.category: it is "guns"; allowed is one of weapons, violence, /,
      ),
      'rules.yaml:8:11 rules.2.note: it is 0.9; it must not be above alert, which is 0.6',
      'rules.yaml:12:12 rules.3.tell.0: it is "moderators"; name it by platform and id, e.g. "discord:1234567890" or "slack:C0123456789"',
    ])
  })

  it('refuses a rule that looks for nothing, or by both ways at once', () => {
    const either = 'a rule has either a category or lookFor; write one of both'
    expect(problemsOf('rules:\n  - name: a\n')).toEqual([`rules.yaml:2:5 rules.0.lookFor: it is missing; ${either}`])
    expect(problemsOf('rules:\n  - name: a\n    category: gore\n    lookFor: [blood]\n')).toEqual([
      `rules.yaml:4:14 rules.0.lookFor: it is ["blood"]; ${either}`,
    ])
  })

  it('refuses two rules of one name and a file without rules', () => {
    expect(problemsOf(`${SMALLEST}  - name: weapons\n    category: fire\n`)).toEqual([
      'rules.yaml:4:11 rules.1.name: it is "weapons"; another rule has this name; names are unique',
    ])
    expect(problemsOf('')).toHaveLength(1)
  })

  it('says in one line what is wrong with a file', async () => {
    const file = join(temporaryFolder(), 'rules.yaml')
    writeFileSync(file, 'rules:\n  - name: a\n    category: guns\n  - nam: b\n')
    await expect(readPolicyFile(file)).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      message: expect.stringMatching(
        /^The rules have \d wrong values\. \S+rules\.yaml:3:15 rules\.0\.category: [^\n]+$/,
      ),
    })
    await expect(readPolicyFile(`${file}.none`)).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      message: expect.stringMatching(/^The rules \S+ cannot be read \(ENOENT\); /),
    })
  })
})
