/* Where taps wait: this phone's IndexedDB, or the page's memory where that is refused. Called by waiting.js only. */

const NAME = "pika-waiting";
const OPENING_MS = 2_000; // some browsers never answer; then the page's memory must do

let inMemory = [];
let last = 0;

const opened = new Promise((done) => {
  setTimeout(done, OPENING_MS, null);
  try {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("taps", { keyPath: "n", autoIncrement: true });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => done(null);
  } catch {
    done(null);
  }
});

function remember(decide) {
  const { put = [], drop = [], give } = decide(structuredClone(inMemory)) ?? {};
  inMemory = inMemory.filter((tap) => !drop.includes(tap.n) && !put.some((other) => other.n === tap.n));
  for (const tap of put) inMemory.push({ ...tap, n: tap.n ?? (last += 1) });
  inMemory.sort((a, b) => a.n - b.n);
  return give;
}

/* `decide(taps)` sees all that wait, in order, and says at once what to put, what to drop (numbers) and what to give back.
   One at a time, over all tabs. */
export async function edit(decide) {
  const database = await opened;
  if (!database) return remember(decide);
  return new Promise((done, fail) => {
    const turn = database.transaction("taps", "readwrite", { durability: "strict" });
    const store = turn.objectStore("taps");
    let given;
    turn.oncomplete = () => done(given);
    turn.onabort = turn.onerror = () => fail(turn.error);
    store.getAll().onsuccess = ({ target }) => {
      const { put = [], drop = [], give } = decide(target.result) ?? {};
      given = give;
      for (const n of drop) store.delete(n);
      for (const tap of put) store.put(tap);
    };
  }).catch(() => remember(decide)); // a full phone: better kept until the page goes than lost at once
}
