/** The variables that are defined at a place of a template. `$` always is. */
export class TemplateVariables {
  private readonly defined = ['$'];
  private readonly counts = new Map([['$', 1]]);

  has(name: string): boolean {
    return (this.counts.get(name) ?? 0) > 0;
  }

  define(name: string): void {
    this.defined.push(name);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** How many there are: what `forgetAfter` takes at the end of a block. */
  count(): number {
    return this.defined.length;
  }

  forgetAfter(count: number): void {
    for (const name of this.defined.splice(count)) this.counts.set(name, (this.counts.get(name) ?? 1) - 1);
  }
}
