/** What an estimate rests on, as far as it decides how far off it may be. */
interface RangeBasis {
  readonly sparse: boolean;
  /** The model's layers and cache are known, not typical ones for its size. */
  readonly shapeKnown: boolean;
  /** The device's class is known, not its vendor alone. */
  readonly deviceKnown: boolean;
  readonly quantKnown: boolean;
  /** Part of the model in system memory, 0..1. */
  readonly offloadShare: number;
  /** The bandwidth of system memory is known, not assumed. */
  readonly systemKnown: boolean;
}

/** How far the 10th percentile lies below an estimate and the 90th above it, as natural logarithms. */
interface RangeWidths {
  readonly below: number;
  readonly above: number;
}

/**
 * Errors of devices that the fit had not seen (377 clean rows, each device left out in turn, 2026-11-21), by what makes
 * them larger; rounded up a little, for the machines of users run other things too. Dense models miss downwards more
 * than upwards: a driver, a hot laptop or a busy bus slows a card down, and nothing makes it faster than its memory.
 */
const DENSE: RangeWidths = { below: 0.19, above: 0.13 };
const SPARSE: RangeWidths = { below: 0.28, above: 0.27 };
/** Factors on the widths where a shape is guessed by size: its cache may be a fifth of the typical one. */
const SHAPE_GUESSED = { dense: 1.2, sparse: 1.5 };
/** Without a class: what the classes of a vendor differ by. */
const DEVICE_GUESSED = 0.22;
const QUANT_GUESSED = 0.35;
/**
 * Of what a processor reads from system memory: where that memory is known, and where it may be anything from a board
 * computer's to a server's (291 rows of processors, 51 of split models).
 */
const SYSTEM: RangeWidths = { below: 0.5, above: 0.4 };
const SYSTEM_GUESSED: RangeWidths = { below: 1.25, above: 0.6 };
/** From this share in system memory on, its time is most of a token's. */
const SYSTEM_DECIDES = 0.2;

/** The widths add as independent errors do: by their squares. */
export function rangeWidths(basis: RangeBasis): RangeWidths {
  const base = basis.sparse ? SPARSE : DENSE;
  const guessed = basis.shapeKnown ? 1 : SHAPE_GUESSED[basis.sparse ? 'sparse' : 'dense'];
  const device = basis.deviceKnown ? 0 : DEVICE_GUESSED;
  const quant = basis.quantKnown ? 0 : QUANT_GUESSED;
  const system = Math.sqrt(Math.min(1, Math.max(0, basis.offloadShare / SYSTEM_DECIDES)));
  const ofSystem = basis.systemKnown ? SYSTEM : SYSTEM_GUESSED;
  const guesses = device * device + quant * quant;
  return {
    below: together(base.below * guessed, ofSystem.below * system, guesses),
    above: together(base.above * guessed, ofSystem.above * system, guesses),
  };
}

function together(own: number, ofSystem: number, squaredGuesses: number): number {
  return Math.sqrt(own * own + ofSystem * ofSystem + squaredGuesses);
}
