// Sense: CEL with the seven functions of SCDX's profile, and the rules that are written in it.
import { CelScalar, celEnv, celFunc, listType, objectType, parse, plan } from "@bufbuild/cel";
import { TimestampSchema, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { isMap, own, step } from "./members.mjs";

process.env.TZ = "UTC"; // a date and time without an offset is meant in UTC
const timestamp = (text) => {
  if (Number.isNaN(Date.parse(text))) throw new Error("not a date");
  return timestampFromDate(new Date(text));
};
const addYears = ({ message }, years) => {
  const from = timestampDate(message), to = new Date(from);
  to.setUTCFullYear(from.getUTCFullYear() + Number(years));
  return timestampFromDate(to.getUTCDate() === from.getUTCDate() ? to : new Date(to.setUTCDate(0)));
};
const mod10 = (s) => [...s].reverse().reduce((n, c, i) => n + c * (i % 2 ? 3 : 1), 0) % 10;
const mod97 = (s) => [...s].reduce((n, c) => `${n}${parseInt(c, 36)}` % 97, "");

const { BOOL, DOUBLE, DYN, INT, STRING } = CelScalar, TIME = objectType(TimestampSchema);
const env = celEnv({ variables: { self: DYN, doc: DYN, now: TIME }, funcs: [
  celFunc("num", [STRING], DOUBLE, Number),
  celFunc("within", [DOUBLE, DOUBLE, DOUBLE], BOOL, (a, b, c) => Math.abs(a - b) <= c + 1e-9),
  celFunc("total", [listType(DYN)], DOUBLE, (list) => [...list].reduce((a, b) => a + b, 0)),
  celFunc("date", [STRING], TIME, timestamp),
  celFunc("addYears", [TIME, INT], TIME, addYears),
  celFunc("gtin", [STRING], BOOL, (s) => /^([0-9]{8}|[0-9]{12,14})$/.test(s) && mod10(s) === 0),
  celFunc("lei", [STRING], BOOL, (s) => /^[A-Z0-9]{18}[0-9]{2}$/.test(s) && mod97(s) === 1),
] });
const plans = {};
export const run = (rule, given) => (plans[rule] ??= plan(env, parse(rule)))(given);
const value = (v) => Array.isArray(v) ? v.map(value) : Number.isInteger(v) ? BigInt(v)
  : isMap(v) ? new Map(Object.entries(v).map(([name, one]) => [name, value(one)])) : v;

// Pointer and value of every node that a path of names and [*] leads to.
const nodes = (top, path, at = "") => path.replaceAll("[*]", ".[*]").split(".").slice(1).reduce(
  (found, name) => found.flatMap(([where, node]) => name === "[*]"
    ? Object.entries(node instanceof Object ? node : {}).map(([k, v]) => [step(where, k), v])
    : own(node, name).map((one) => [step(where, name), one])), [[at, top]]);

// The rules that a document breaks; none looks at what is broken in shape.
export function* ruleFindings(files, document, kind, time, broken) {
  const given = (self, doc) => ({ self: value(self), doc: value(doc), now: timestamp(time) });
  for (const { roots, rules } of files.filter((one) => kind in one.roots)) {
    const { at: start, when: carries = "true", then = "$" } = roots[kind];
    const carriers = nodes(document, start)
      .filter(([, node]) => run(carries, given(node, document)) === true)
      .flatMap(([at, node]) => nodes(node, then, at));
    for (const [base, doc] of carriers) for (const rule of rules) {
      for (const [at, self] of [rule.at].flat().flatMap((path) => nodes(doc, path, base))) {
        if (broken.some((one) => `${one}/`.startsWith(`${at}/`))) continue;
        const asked = run(rule.when ?? "true", given(self, doc));
        const kept = asked === true ? run(rule.rule, given(self, doc)) : asked === false || null;
        const untold = kept !== false && broken.length; // an engine's error is told of sound shapes
        const pointer = rule.pointer ? step(at, rule.pointer) : at;
        if (kept !== true && !untold) yield [rule.requirement, pointer];
      }
    }
  }
}
