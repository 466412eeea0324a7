// What ratings of several people amount to: how far they agree, and with the key, how generated items fare beside those that
// people wrote, and whether anybody can tell.
import {
  cohenKappa,
  fleissKappa,
  krippendorffAlpha,
  observedAgreement,
  type RatedThing,
} from '../../statistics/agreement.ts'
import { mean } from '../../statistics/averages.ts'
import { bootstrapInterval } from '../../statistics/bootstrap.ts'
import { clusteredShareInterval } from '../../statistics/clustered-share.ts'
import type { Interval } from '../../statistics/wilson.ts'
import type { Origin } from './choose-items.ts'
import { CRITERIA, WRITER } from './criteria.ts'
import type { Ratings } from './read-ratings.ts'

/** A figure with its 95 % interval; null where it has no value. */
export interface Figure {
  readonly value: number | null
  readonly interval: Interval | null
}

/** How far raters agree on one criterion. */
export interface CriterionAgreement {
  readonly criterion: string
  /** Items that two or more rated. */
  readonly items: number
  readonly raters: number
  /** Share of pairs of ratings that are equal. */
  readonly agreement: Figure
  /** Cohen's of two raters, Fleiss' of more. */
  readonly kappa: Figure & { readonly kind: 'Cohen' | 'Fleiss' }
  readonly alpha: Figure & { readonly scale: 'nominal' | 'ordinal' }
}

/** How items of both origins are rated on one criterion, from 1 to 5. */
export interface OriginMeans {
  readonly criterion: string
  readonly generated: Figure
  readonly human: Figure
  /** Generated less human; where its interval holds no 0, they differ. */
  readonly difference: Figure
}

/** Whether raters can tell who wrote an item. */
export interface Telling {
  /** Ratings that say a person or a machine. */
  readonly told: number
  readonly unsure: number
  /** Share of those told that are right; a half is what guessing gives. */
  readonly right: Figure
  /** Share of told generated items that are taken for a person's. */
  readonly generatedTakenForHuman: Figure
}

/** Agreement on each criterion that was rated. */
export function agreementOf({ raters, given }: Ratings): CriterionAgreement[] {
  return CRITERIA.flatMap(({ name, scale }) => {
    const things = byItem(
      given.filter(({ criterion }) => criterion === name),
      raters,
    )
    if (things.length === 0) return []
    const rated = things.filter((thing) => thing.filter((rating) => rating !== null).length >= 2)
    const active = raters.filter((_, place) => rated.some((thing) => thing[place] !== null)).length
    const kind = active > 2 ? 'Fleiss' : 'Cohen'
    // Cohen's has two places a thing: those of the two who rated.
    const places = raters.flatMap((_, place) => (rated.some((thing) => thing[place] !== null) ? [place] : []))
    const kappa =
      kind === 'Fleiss'
        ? fleissKappa
        : (drawn: readonly RatedThing[]) => cohenKappa(drawn.map((thing) => places.map((place) => thing[place]!)))
    return [
      {
        ...{ criterion: name, items: rated.length, raters: active },
        agreement: figureOf(rated, observedAgreement),
        kappa: { kind, ...figureOf(rated, kappa) },
        alpha: { scale, ...figureOf(rated, (drawn) => krippendorffAlpha(drawn, scale)) },
      },
    ]
  })
}

/** Means of both origins on the criteria from 1 to 5; an item counts once, by the mean of its ratings. */
export function originMeans({ raters, given }: Ratings, key: ReadonlyMap<string, Origin>): OriginMeans[] {
  return CRITERIA.filter(({ scale }) => scale === 'ordinal').flatMap(({ name }) => {
    const ofItem = [...groupByItem(given.filter(({ criterion }) => criterion === name))].flatMap(([item, ratings]) => {
      const origin = key.get(item)
      const value = mean(ratings.map(({ value: one }) => Number(one)))
      return origin === undefined || value === null ? [] : [{ origin, value }]
    })
    if (raters.length === 0 || ofItem.length === 0) return []
    const meanOf = (items: typeof ofItem, origin: Origin) =>
      mean(items.filter((item) => item.origin === origin).map(({ value }) => value))
    const difference = (items: typeof ofItem) => {
      const [generated, human] = [meanOf(items, 'generated'), meanOf(items, 'human')]
      return generated === null || human === null ? null : generated - human
    }
    return [
      {
        criterion: name,
        generated: figureOf(
          ofItem.filter(({ origin }) => origin === 'generated'),
          (drawn) => meanOf([...drawn], 'generated'),
        ),
        human: figureOf(
          ofItem.filter(({ origin }) => origin === 'human'),
          (drawn) => meanOf([...drawn], 'human'),
        ),
        difference: figureOf(ofItem, (drawn) => difference([...drawn])),
      },
    ]
  })
}

/** Whether raters can tell; null where nobody was asked. */
export function tellingOf({ given }: Ratings, key: ReadonlyMap<string, Origin>): Telling | null {
  const asked = given.flatMap(({ item, criterion, value }) => {
    const origin = key.get(item)
    return criterion === WRITER.name && origin !== undefined ? [{ item, origin, value }] : []
  })
  if (asked.length === 0) return null
  const told = asked.filter(({ value }) => value !== 'unsure')
  const isRight = ({ origin, value }: (typeof told)[number]) => (value === 'person') === (origin === 'human')
  const generated = told.filter(({ origin }) => origin === 'generated')
  return {
    ...{ told: told.length, unsure: asked.length - told.length },
    right: shareOf(told, isRight),
    generatedTakenForHuman: shareOf(generated, ({ value }) => value === 'person'),
  }
}

function figureOf<Case>(cases: readonly Case[], figure: (drawn: readonly Case[]) => number | null): Figure {
  const value = cases.length === 0 ? null : figure(cases)
  return { value, interval: value === null ? null : bootstrapInterval(cases, figure) }
}

/** What several say of one item is no more sure than they are of different minds about it. */
function shareOf<One extends { readonly item: string }>(told: readonly One[], isPart: (one: One) => boolean): Figure {
  const items = [...groupByItem(told).values()].map((ones) => ({ part: ones.filter(isPart).length, all: ones.length }))
  return told.length === 0
    ? { value: null, interval: null }
    : { value: told.filter(isPart).length / told.length, interval: clusteredShareInterval(items) }
}

/** A row an item, a place a rater. */
function byItem(given: Ratings['given'], raters: readonly string[]): RatedThing[] {
  return [...groupByItem(given).values()].map((ratings) =>
    raters.map((rater) => ratings.find((rating) => rating.rater === rater)?.value ?? null),
  )
}

function groupByItem<One extends { readonly item: string }>(given: readonly One[]): Map<string, One[]> {
  const items = new Map<string, One[]>()
  for (const rating of given) items.set(rating.item, [...(items.get(rating.item) ?? []), rating])
  return items
}
