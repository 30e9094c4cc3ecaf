import { EVIDENCE_GRADES } from './evidence';
import { benchmarkKey } from './linkScales';
import { Numbered, placesByText, stableOrder } from './numbering';
import { normalizeQuantId } from './quantisation';
import type { EvidenceGrade, RankObservation } from './rankTypes';

/** All rows of one benchmark in one voice, and of one quantisation where that is stated. */
interface TableColumn {
  /** Whose voice it is: every maker's report is one voice, whatever page it was read on. */
  readonly voice: string;
  /** From `benchmarkKey`: columns with the same key have the same scale. */
  readonly scaleKey: string;
}

/** What many observations have in common: all but their model, date and value. */
export interface ObservationKind {
  /** Numbers of the column, of its voice, and of the source. */
  readonly column: number;
  readonly voice: number;
  readonly source: number;
  readonly sourceName: string;
  readonly benchmark: string;
  readonly task: string;
  /** Place in `EVIDENCE_GRADES`, for a build of another quantisation than the observation's. */
  readonly grade: number;
  /** One more than the place in `quants` of the quantisation for which it is direct evidence; 0 for none. */
  readonly quant: number;
  /** Somebody else than the maker measured. */
  readonly independent: boolean;
  /** Evidence only. */
  readonly weak: boolean;
  /** Place in `MODES`. */
  readonly mode: number;
}

/** The kinds of a table, by their columns, which are numbered by what they are called. */
export interface ObservationKinds {
  readonly kinds: readonly ObservationKind[];
  readonly columns: readonly TableColumn[];
  /** Canonical names of the quantisations for which there is direct evidence. */
  readonly quants: readonly string[];
  /** The place in `kinds` by the number that `KindNumbers` gave. */
  readonly placeOf: Uint32Array;
}

/** Of a model that answers with and without thinking; the first is taken where two are as well documented. */
export const MODES = ['non-thinking', 'thinking', 'unstated'] as const;

type KindFacts = Pick<
  RankObservation,
  'source' | 'benchmark' | 'task' | 'quant' | 'evidence' | 'independent' | 'weak' | 'thinking'
>;

/** Numbers the kinds of observations in the order in which they come: with two look-ups each, for they are many. */
export class KindNumbers {
  readonly #facts: KindFacts[] = [];
  readonly #bySource = new Map<string, Map<string, number[]>>();

  numberOf(observation: RankObservation): number {
    const { source, benchmark, quant, task, independent, evidence, weak, thinking } = observation;
    let byName = this.#bySource.get(source);
    if (byName === undefined) this.#bySource.set(source, (byName = new Map<string, number[]>()));
    const name = nameOf(benchmark, quant);
    let numbers = byName.get(name);
    if (numbers === undefined) byName.set(name, (numbers = []));
    for (const number of numbers) {
      const known = this.#facts[number];
      if (
        known?.task === task &&
        known.independent === independent &&
        known.evidence === evidence &&
        known.weak === weak &&
        known.thinking === thinking
      )
        return number;
    }
    const number = this.#facts.push(factsOf(observation)) - 1;
    numbers.push(number);
    return number;
  }

  /** All of them, in an order that does not depend on how they came but within a column. */
  sorted(): ObservationKinds {
    const [sources, voices, quants] = [new Numbered(), new Numbered(), new Numbered()];
    const names = new Numbered();
    const arrived: TableColumn[] = [];
    const arrivalOf = Uint32Array.from(this.#facts, (facts) => {
      const column = { voice: voiceOf(facts), scaleKey: benchmarkKey(facts) };
      const number = names.of(`${column.voice}\u0000${nameOf(facts.benchmark, facts.quant)}`);
      arrived[number] ??= column;
      return number;
    });
    const { places: columnOf } = placesByText(names.texts);
    const columns = [...arrived];
    for (const [number, column] of arrived.entries()) columns[columnOf[number] ?? 0] = column;
    for (const { voice } of columns) voices.of(voice);

    const order = stableOrder(
      arrivalOf.map((number) => columnOf[number] ?? 0),
      columns.length,
    );
    const placeOf = new Uint32Array(order.length);
    const kinds: ObservationKind[] = [];
    for (const number of order) {
      const facts = this.#facts[number];
      if (facts === undefined) continue;
      const grade = gradeOf(facts);
      placeOf[number] =
        kinds.push({
          column: columnOf[arrivalOf[number] ?? 0] ?? 0,
          voice: voices.of(voiceOf(facts)),
          source: sources.of(facts.source),
          sourceName: facts.source,
          benchmark: facts.benchmark,
          task: facts.task,
          grade: EVIDENCE_GRADES.indexOf(grade ?? 'variant'),
          quant: grade === undefined ? directQuant(facts, quants) : 0,
          independent: facts.independent,
          weak: facts.weak === true,
          mode: modeOf(facts),
        }) - 1;
    }
    return { kinds, columns, quants: quants.texts, placeOf };
  }
}

function factsOf({ source, benchmark, task, quant, evidence, independent, weak, thinking }: RankObservation) {
  return {
    ...{ source, benchmark, task, independent },
    ...(quant === undefined ? {} : { quant }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(weak === undefined ? {} : { weak }),
    ...(thinking === undefined ? {} : { thinking }),
  } satisfies KindFacts;
}

function nameOf(benchmark: string, quant: string | undefined): string {
  return quant === undefined ? benchmark : `${benchmark}\u0000${quant}`;
}

function voiceOf({ independent, source }: KindFacts): string {
  return independent ? source : 'self-reported';
}

/** The grade that an observation has for any build of its model; undefined where it depends on the quantisation. */
function gradeOf({ independent, evidence }: KindFacts): EvidenceGrade | undefined {
  return independent ? evidence : 'self-reported';
}

function directQuant({ quant }: KindFacts, quants: Numbered): number {
  if (quant === undefined) return 0;
  const { known, canonical } = normalizeQuantId(quant);
  return known ? quants.of(canonical) + 1 : 0;
}

function modeOf({ thinking }: KindFacts): number {
  return MODES.indexOf(thinking === undefined ? 'unstated' : thinking ? 'thinking' : 'non-thinking');
}
