/** The object without empty fields, so that the facts stay readable in a diff. */
export function compact(object) {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) =>
        value !== null &&
        value !== undefined &&
        !(typeof value === 'object' && Object.keys(value).length === 0),
    ),
  );
}
