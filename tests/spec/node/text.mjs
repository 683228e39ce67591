// A document's text, read strictly: gives the document, or an error that names a requirement.
export class Refused extends Error {}
const otherwise = (requirement, read) => {
  try { return read(); } catch { throw new Refused(requirement); }
};
const refuse = (requirement, broken) => { if (broken) throw new Refused(requirement); };
const LONE = /\p{Cs}/u; // a surrogate without its other half
const TOO_LARGE = (n) => !Number.isFinite(+n) || (/^[0-9-]+$/.test(n) && Math.abs(n) > 2 ** 53);

export const read = (bytes) => {
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const text = otherwise("JSN-01", () => utf8.decode(bytes));
  const bare = text.replace(/"(\\.|[^"\\])*"/g, ""); // without its strings
  let depth = 0, values = 0, names = -1, lone = false;
  for (const c of bare) refuse("JSN-05", (depth += "[{".includes(c) - "]}".includes(c)) > 64);
  refuse("JSN-03", bare.match(/NaN|Infinity|-?[0-9][0-9.eE+-]*/g)?.some(TOO_LARGE));
  function seen(name, value) {
    values += 1;
    names += !Array.isArray(this);
    lone ||= LONE.test(name) || (typeof value === "string" && LONE.test(value));
    return value;
  }
  const document = otherwise("JSN-01", () => JSON.parse(text, seen));
  refuse("JSN-02", names !== (bare.match(/:/g) ?? []).length); // one of two equal names is lost
  refuse("JSN-04", lone);
  refuse("JSN-06", values > 20000);
  refuse("JSN-01", document?.constructor !== Object);
  return document;
};
