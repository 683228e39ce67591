// What open schemas let through: unknown members (DOC-40), misspelt ones (DOC-41), codes that no
// list has (DOC-08).
const PART = "https://w3id.org/scdx/1.0/product-data.schema.json";
export const isMap = (v) => typeof v === "object" && v !== null && !Array.isArray(v);
export const own = (o, name) => (isMap(o) && Object.hasOwn(o, name) ? [o[name]] : []);
export const step = (at, name) => `${at}/${`${name}`.replaceAll("~", "~0").replaceAll("/", "~1")}`;

const flat = (name) => name.toLowerCase().replace(/[_ -]/g, "");
const misspelt = (name, meant) => {
  let [a, b] = [name.toLowerCase(), meant.toLowerCase()];
  if (flat(a) === flat(b) || Math.min(a.length, b.length) < 5) return flat(a) === flat(b);
  while (a && a[0] === b[0]) [a, b] = [a.slice(1), b.slice(1)];
  const [c, d] = [a.slice(1), b.slice(1)], swapped = a[0] === b[1] && a[1] === b[0];
  return c === d || c === b || a === d || (swapped && c.slice(1) === d.slice(1)); // one edit
};

// A schema with all subschemas that judge the same value.
const parts = (schema) => (isMap(schema) ? [schema, ...[schema.allOf, schema.anyOf, schema.if,
  schema.then, schema.else].flat().flatMap(parts)] : []);
const below = (all, name) => {
  const found = all.flatMap(({ properties, patternProperties: patterns = {} }) => [
    ...own(properties, name),
    ...Object.keys(patterns).filter((one) => RegExp(one).test(name)).map((one) => patterns[one])]);
  return found.length ? found : all.flatMap((schema) => own(schema, "additionalProperties"));
};

export function* memberFindings(value, schemas, codes, lenient, at = "") {
  const all = schemas.flatMap(parts), lists = all.filter((schema) => schema["x-codelist"]);
  const names = all.flatMap((schema) => Object.keys(schema.properties ?? {}));
  if (typeof value === "string" && lists.length && !lists.some((s) => s["x-codelist-closed"])
    && !/^https:\/\/./.test(value)) {
    const listed = codes(lists[0]["x-codelist"]);
    if (!listed.includes(value[0] === "/" ? "/" : value)) yield ["DOC-08", at];
  }
  for (const [index, child] of Array.isArray(value) ? value.entries() : []) {
    const items = all.flatMap((schema) => own(schema, "items"));
    yield* memberFindings(child, items, codes, lenient, step(at, index));
  }
  for (const [name, child] of isMap(value) ? Object.entries(value) : []) {
    const place = below(all, name), carried = name === "data" && "dataSchema" in value;
    const foreign = carried ? value.dataSchema !== PART : name === "extensions" && isMap(child);
    if (place.length && !foreign) {
      yield* memberFindings(child, place, codes, lenient && !carried, step(at, name));
    } else if (!place.length && names.length) {
      const meant = !lenient && names.some((one) => !(one in value) && misspelt(name, one));
      yield [meant ? "DOC-41" : "DOC-40", step(at, name)];
    }
  }
}
