// Owns the module `vectors` as a program; knows nothing else.

import { run } from "../../src/index.js";
import { vectorsModule } from "./vectors.js";

await run(vectorsModule());
