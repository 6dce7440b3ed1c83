// Owns a module that cannot be defined; knows nothing else.

import { Module } from "../../src/index.js";

new Module({ name: "Not A Name", version: "1.0.0", license: "MIT", authors: ["You"] });
