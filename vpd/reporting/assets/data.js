// Loading rows: each chunk is a script that hands over compressed JSON, since a page opened from disk may not fetch.
"use strict";

vpd.data = (() => {
  const nonce = document.currentScript.nonce;
  const known = (url) => {
    if (!/^data\/(rows|pages)-\d+\.js$/.test(url)) throw new TypeError(`not a chunk: ${url}`);
    return url;
  };
  const policy = window.trustedTypes?.createPolicy("vpd", { createScriptURL: known }) ?? { createScriptURL: known };

  const received = new Map();
  const kept = new Map(); // The chunks used last, oldest first.
  const keep = 6;

  const decode = async (payload) => {
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  };

  const load = (name) =>
    new Promise((resolve, reject) => {
      const script = vpd.element("script", { nonce });
      script.src = policy.createScriptURL(`data/${name}.js`);
      script.onload = () => {
        script.remove();
        const payload = received.get(name);
        received.delete(name);
        resolve(decode(payload));
      };
      script.onerror = () => {
        script.remove();
        reject(new Error(`data/${name}.js is missing from this report`));
      };
      document.head.append(script);
    });

  const rows = [];
  const waiting = [];
  let complete = false;

  // Reads the list's chunks in order; `progress` hears of each one.
  const loadRows = async (progress) => {
    const chunks = Number(document.body.dataset.rowChunks);
    let next = chunks > 0 ? load("rows-0") : null;
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const read = await next;
      if (chunk < chunks - 1) next = load(`rows-${chunk + 1}`);
      for (const row of read) rows.push(row);
      for (const each of waiting.splice(0)) {
        if (each.number < rows.length) each.resolve(rows[each.number]);
        else waiting.push(each);
      }
      complete = chunk === chunks - 1;
      progress();
    }
    complete = true;
    for (const each of waiting.splice(0)) each.resolve(undefined);
  };

  // The row of a question, once it has been read; undefined when there is none.
  const row = (number) =>
    number < rows.length || complete
      ? Promise.resolve(rows[number])
      : new Promise((resolve) => waiting.push({ number, resolve }));

  const page = async (number) => {
    const found = await row(number);
    if (!found) return undefined;
    const [chunk, position] = found;
    const name = `pages-${chunk}`;
    const loading = kept.get(name) ?? load(name);
    kept.delete(name);
    kept.set(name, loading);
    if (kept.size > keep) kept.delete(kept.keys().next().value);
    return (await loading)[position];
  };

  return {
    rows,
    loadRows,
    page,
    receive: (name, payload) => received.set(name, payload),
    isComplete: () => complete,
  };
})();
