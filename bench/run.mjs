// The bench. Machines differ and are noisy, so that the sides of a comparison run in turn, and only ratios, counts and
// sizes are meant to be quoted. `npm run bench -- NAME…` measures some of it.
import { fail } from "../tools/run.mjs";
import { lookUp } from "./look-up.mjs";
import { many } from "./many.mjs";
import { plainRatio } from "./plain-ratio.mjs";
import { sizes } from "./sizes.mjs";
import { end } from "./table.mjs";
import { watch } from "./watch.mjs";

const PARTS = { plain: plainRatio, many, watch, "look-up": lookUp, sizes };

const named = process.argv.slice(2);
const unknown = named.find((name) => !Object.hasOwn(PARTS, name));
if (unknown) fail(`"${unknown}" is no part of the bench: these are ${Object.keys(PARTS).join(", ")}`);
for (const name of named.length > 0 ? named : Object.keys(PARTS)) await PARTS[name]();
end();
