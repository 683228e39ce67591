// The Express peer: footprints from an NDJSON file in memory, a bearer check, a filter, res.json.
// node server.mjs FILE TOKEN

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import express from "express";

const [file, token] = process.argv.slice(2);
const footprints = [];
for await (const line of createInterface({ input: createReadStream(file) })) {
  footprints.push(JSON.parse(line));
}
const granted = new Map([[token, new Set(footprints.map((one) => one.id))]]);

const app = express();
app.disable("x-powered-by");
app.set("etag", false);

app.use((request, response, next) => {
  const [scheme, given] = (request.get("authorization") ?? "").split(" ");
  request.sees = scheme === "Bearer" ? granted.get(given) : undefined;
  if (request.sees === undefined) return response.status(401).json({ message: "unauthorised" });
  next();
});

app.get("/footprints", (request, response) => {
  const { country } = request.query;
  const offset = Number(request.query.offset ?? 0);
  const limit = Number(request.query.limit ?? 100);
  const data = [];
  let skipped = 0;
  // Without a filter every row counts as one, so the page begins where it begins.
  for (let at = country ? 0 : offset; at < footprints.length && data.length < limit; at += 1) {
    const one = footprints[at];
    if (!request.sees.has(one.id)) continue;
    if (country && one.pcf.geographyCountry !== country) continue;
    if (country && skipped < offset) skipped += 1;
    else data.push(one);
  }
  response.json({ data });
});

const server = app.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
