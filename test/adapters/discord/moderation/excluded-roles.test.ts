// A rule does not hold for people of the roles that it excludes, whether Valley hears of their post or finds it later.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { HeardPlaceStore } from '../../../../src/storage/heard-place-store.ts'
import type { Person } from '../../../doubles/discord/people/person.ts'
import { FakeEngine } from '../../../helpers/fake-engine.ts'
import { openLedgerOfStarts } from '../../../helpers/ledger-of-starts.ts'
import { clipOfOneSecond, type ModeratedDiscord, openModeratedDiscord } from '../../../helpers/moderated-discord.ts'

/** A deadlock limit: clips are really looked at. */
const LIMIT = { timeout: 60_000 }
let valley: ModeratedDiscord
/** Not of the role. */
let ben: Person
let rules = ''

/** Ana is of a role for which the rule of knives does not hold; that of forks holds for everybody. */
beforeEach(async () => {
  const engine = new FakeEngine()
  engine.sureOf = () => 0.93
  const starts = await openLedgerOfStarts()
  const heard = new HeardPlaceStore(starts.database)
  rules = 'rules:\n  - { name: forks, lookFor: [a fork] }\n'
  valley = await openModeratedDiscord({
    engine,
    rules: () => rules,
    stage: { adapter: { ledger: starts.ledger, heard } },
  })
  const { stage, watch } = valley
  ben = stage.guild.person('Ben')
  const { id } = stage.guild.role('cooks', { people: [stage.ana] })
  rules += `  - { name: knives, lookFor: [a knife], exclude: { roles: ["discord:${id}"] } }\n`
  await watch(stage.general)
  await stage.restart()
})
afterEach(() => valley.stage.close())

const posts = (person: Person) => person.posts(valley.stage.general, '', { files: [clipOfOneSecond()] })

/** What is told of a person's clips: names of rules, once every clip was looked at and told of. */
async function toldOf(person: Person): Promise<string[]> {
  const { stage, mods, desk } = valley
  const { store } = desk()
  await vi.waitFor(async () => expect(await store.countWaiting()).toBe(0), LIMIT)
  await vi.waitFor(async () => expect(await store.unsentAlerts()).toEqual([]), LIMIT)
  const alerts = stage.discord.botMessagesIn(mods).filter(({ content }) => content.includes(person.id))
  return alerts.flatMap(({ content }) => /Needs a look: (\w+)/.exec(content)?.[1] ?? []).sort()
}

it('live', async () => {
  posts(valley.stage.ana)
  posts(ben)
  await vi.waitFor(async () => expect(await toldOf(ben)).toEqual(['forks', 'knives']), LIMIT)
  expect(await toldOf(valley.stage.ana)).toEqual(['forks'])
})

it('what was posted while Valley was down', async () => {
  await valley.stage.stop()
  posts(valley.stage.ana)
  posts(ben)
  const second = await valley.stage.startSecond()
  await vi.waitFor(async () => expect(await toldOf(ben)).toEqual(['forks', 'knives']), LIMIT)
  expect(await toldOf(valley.stage.ana)).toEqual(['forks'])
  await second.stop()
})

it('a clip that an edit brings to an older post', async () => {
  const { stage } = valley
  const file = ben.posts(stage.guild.channel('elsewhere'), '', { files: [clipOfOneSecond()] }).attachments[0]!
  const older = stage.ana.posts(stage.general, 'a link')
  await stage.restart()
  stage.ana.seesLinkUnfold(older, [{ type: 'video' as never, url: file.url, video: { url: file.url } }])
  await vi.waitFor(async () => expect(await toldOf(stage.ana)).toEqual(['forks']), LIMIT)
})
