// The vendor-side encryption for Node: opens what we seal, seals what we open. Lines in: {seal} or {open}.
const { getSignature, decrypt, encrypt } = require("@wecom/crypto");
const given = JSON.parse(process.argv[2]);
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const wanted = JSON.parse(line);
  let found;
  if (wanted.seal !== undefined) {
    const encrypted = encrypt(given.aesKey, wanted.seal, given.corp, wanted.random);
    found = { encrypted, signature: getSignature(given.token, wanted.timestamp, wanted.nonce, encrypted) };
  } else {
    const signature = getSignature(given.token, wanted.timestamp, wanted.nonce, wanted.open);
    found = { ...decrypt(given.aesKey, wanted.open), signature };
  }
  process.stdout.write(JSON.stringify({ happened: "done", ...found }) + "\n");
});
