// Calls one method of the unmodified npm package nuki-web-api and prints what came of it, as one line of JSON:
//   node call.cjs DIRECTORY_OF_THE_PACKAGE URL METHOD ARGUMENTS_AS_JSON
// The token is in the environment as NUKI_TOKEN. Each step is a process of its own, so that a test can turn the
// simulator's clock and look at its locks in between.
"use strict";

const [directory, url, method, written] = process.argv.slice(2);
const Nuki = require(directory);
const nuki = new Nuki(process.env.NUKI_TOKEN, { url });

const print = (outcome) => process.stdout.write(`${JSON.stringify(outcome)}\n`);

Promise.resolve()
  .then(() => nuki[method](...JSON.parse(written)))
  .then(
    (result) => print({ result }),
    (refusal) => print({ refused: refusal.statusCode ?? refusal.message }),
  );
