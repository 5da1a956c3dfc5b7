// The control API of the simulator: `/_control/openapi.json` describes it.

/** What the control API refused: its code and its message. */
export class Refused extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** A GET. */
export function get(path) {
  return answered(fetch(`/_control/${path}`, { cache: "no-store" }));
}

/** A POST of an object; fields that are undefined or null are left out. */
export function post(path, body = {}) {
  const fields = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined && value !== null));
  return answered(fetch(`/_control/${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(fields) }));
}

async function answered(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Refused("unreachable", "The simulator does not answer. Is it still running?");
  }
  const answer = await response.json().catch(() => null);
  if (answer?.ok === true) return answer;
  throw new Refused(answer?.error ?? `http_${response.status}`, answer?.message ?? `The simulator answered with status ${response.status}.`);
}

/**
 * Follows the journal after the entry `since`: `entry(entry)` for each, `gap()` where some are missing, and
 * `lost()` once when the connection ends. Gives a function that stops it.
 */
export function follow(since, { entry, gap, lost }) {
  const source = new EventSource(`/_control/journal/stream?since=${since}`);
  source.onmessage = (event) => entry(JSON.parse(event.data));
  source.addEventListener("gap", gap);
  source.onerror = () => {
    source.close();
    lost();
  };
  return () => source.close();
}
