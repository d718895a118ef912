/* The service worker. SHELL (files, offline, icon, badge) is put in front by app/pwa/routes.py.
 *
 * Pages: the network first, always; without it the saved copy of a schedule or a slot, else the offline page. Static files under
 * their hashed address: kept, for they never change. Pushes: always a notification, never a silent one. Everything else,
 * the live layer's own loading too, goes straight to the network: only a real answer may look like one.
 */

const FILES = "pika-files-1";
const PAGES = "pika-pages-1"; // written by pwa.js; what is in it is this person's
const BOOTH = "pika-booth-1"; // written by booth.js: the console of the set that runs, and its crate
const TEXT_MAX = 2000;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

async function install() {
  const files = await caches.open(FILES);
  await files.addAll(SHELL.files);
  // without cookies: this page is kept beyond the next sign-out, so it must not know anybody
  await files.add(new Request(SHELL.offline, { credentials: "omit" }));
  await self.skipWaiting(); // pages name their files by hash: an old page and a new worker get along
}

async function activate() {
  const files = await caches.open(FILES);
  const wanted = new Set([...SHELL.files, SHELL.offline].map((path) => new URL(path, location.origin).href));
  const pages = await (await caches.open(PAGES)).keys();
  const isOld = (request) => !wanted.has(request.url) && !(pages.length && request.url.includes("?v="));
  await Promise.all((await files.keys()).filter(isOld).map((request) => files.delete(request)));
  await self.clients.claim();
}

/* ---- loading ---- */

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && url.pathname === "/sign-out") {
    event.waitUntil(Promise.all([caches.delete(PAGES), caches.delete(BOOTH)]));
  }
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(request, url));
  else if (url.pathname.startsWith("/static/") && url.searchParams.has("v")) event.respondWith(file(request));
});

async function file(request) {
  const files = await caches.open(FILES);
  const kept = await files.match(request.url);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.type === "basic") await files.put(request.url, answer.clone());
  return answer;
}

async function page(request, url) {
  const isUnattended = /^\/e\/[^/]+\/screen$/.test(url.pathname);
  try {
    const answer = await fetch(request);
    return isUnattended && answer.status >= 500 ? again(answer) : answer;
  } catch {
    const kept = (await saved(url)) ?? (await (await caches.open(FILES)).match(SHELL.offline)) ?? Response.error();
    return isUnattended ? again(kept) : kept;
  }
}

/* Nobody stands at a hall screen to press "try again": whatever this page is, also a proxy's, it loads itself anew. */
function again(answer) {
  if (answer.type === "error") return answer;
  const headers = new Headers(answer.headers);
  headers.set("Refresh", "15");
  headers.delete("Content-Encoding"); // the body is read by now
  headers.delete("Content-Length");
  return new Response(answer.body, { status: answer.status, headers });
}

/* The saved copy of this slot, or of this very day, else the newest of this schedule; it says in its body when it was saved. */
async function saved(url) {
  if (/^\/app\/dj\/booth\/[a-z0-9]{12}$/.test(url.pathname)) {
    const console = await (await caches.open(BOOTH)).match(url.pathname);
    return console && marked(console);
  }
  if (!/^\/e\/[^/]+\/(schedule|slots\/[^/]+)$/.test(url.pathname)) return undefined;
  const pages = await caches.open(PAGES);
  const day = url.searchParams.get("day");
  const all = (await pages.keys()).filter((request) => new URL(request.url).pathname === url.pathname);
  const exact = all.find((request) => day && new URL(request.url).searchParams.get("day") === day);
  const found = exact ?? all.at(-1);
  const answer = found && (await pages.match(found));
  if (!answer) return undefined;
  return marked(answer);
}

async function marked(answer) {
  const marks = ["Saved", "Clock", "Version"].map((name) => answer.headers.get(`X-Pika-${name}`) ?? "");
  const mark = `<body data-saved-at="${marks[0]}" data-saved-clock="${marks[1]}" data-saved-version="${marks[2]}"`;
  const html = (await answer.text()).replace("<body", mark);
  return new Response(html, { headers: answer.headers });
}

/* ---- pushes ---- */

function text(value, otherwise) {
  return typeof value === "string" && value.trim() ? value.slice(0, TEXT_MAX) : otherwise;
}

/* Only a path of ours: a push cannot lead anywhere else. */
function ours(href) {
  try {
    const url = new URL(typeof href === "string" ? href : "/", location.origin);
    return url.origin === location.origin ? url.href : location.origin;
  } catch {
    return location.origin;
  }
}

self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data?.json() ?? {};
  } catch {
    // not ours, or cut off: still no silent push
  }
  event.waitUntil(
    self.registration.showNotification(text(told.title, "Pika!"), {
      body: text(told.body, "Something changed. Tap to see it."),
      tag: text(told.tag, "pika"),
      icon: SHELL.icon,
      badge: SHELL.badge,
      requireInteraction: told.urgent === true,
      data: { href: ours(told.href) },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(ours(event.notification.data?.href)));
});

async function open(href) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const window = windows.find((client) => client.url === href) ?? windows.find((client) => "navigate" in client);
  if (!window) return self.clients.openWindow(href);
  const focused = window.focus().catch(() => {}); // at once: the tap counts for seconds, loading may take longer
  try {
    if (window.url !== href) await window.navigate(href);
    return await focused;
  } catch {
    return self.clients.openWindow(href); // a window that this worker does not control yet
  }
}

/* The push service changed the address: the page tells the server at its next visit; here only the new one is made. */
self.addEventListener("pushsubscriptionchange", (event) => {
  const options = event.oldSubscription?.options;
  if (options) event.waitUntil(self.registration.pushManager.subscribe(options).catch(() => {}));
});
