import type { Dispatcher } from 'undici';
import { ModelPoolError } from '../shared/errors';

/** Thrown at a request for which no budget is left; the request was not made. */
class BudgetSpent extends ModelPoolError<'request_budget_spent'> {
  constructor() {
    super('request_budget_spent', 'this refresh has made all the requests that it may');
  }
}

/**
 * How many requests a refresh may make, counted where they leave: below caches, redirects and page following, so that
 * nothing is made that is not counted. Before `begin` and after `end` it is zero, so that nothing leaves outside of a
 * refresh at all.
 */
export class RequestBudget {
  #left = 0;
  #made = 0;
  #refused = false;

  /** Allows `requests` more, and forgets what was counted. */
  begin(requests: number): void {
    this.#left = requests;
    this.#made = 0;
    this.#refused = false;
  }

  end(): void {
    this.#left = 0;
  }

  get left(): number {
    return this.#left;
  }

  /** Requests made since `begin`. */
  get made(): number {
    return this.#made;
  }

  /** Whether a request was refused since `begin`. */
  get refused(): boolean {
    return this.#refused;
  }

  /** The dispatcher, through which only what the budget allows goes. */
  limit(dispatcher: Dispatcher): Dispatcher {
    return dispatcher.compose((dispatch) => (options, handler) => {
      this.#take();
      return dispatch(options, handler);
    });
  }

  /** @throws {BudgetSpent} where none is left */
  #take(): void {
    if (this.#left <= 0) {
      this.#refused = true;
      throw new BudgetSpent();
    }
    this.#left -= 1;
    this.#made += 1;
  }
}
